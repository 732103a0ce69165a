import type { Problem } from '@polyrelay/contract';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { databaseAway, isDatabaseAway } from '#core/database/database.js';
import { DomainError, type ErrorKind } from '#core/errors.js';

/** Every kind of failure as an HTTP status; a new kind does not compile until it is here. */
const STATUS: Record<ErrorKind, { status: number; title: string }> = {
  invalid: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  forbidden: { status: 403, title: 'Not allowed' },
  notFound: { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'In conflict with what is there' },
  gone: { status: 410, title: 'No longer there' },
  tooLarge: { status: 413, title: 'Too large' },
  rateLimited: { status: 429, title: 'Too many requests' },
  unavailable: { status: 503, title: 'Not available at the moment' },
  internal: { status: 500, title: 'Something went wrong here' },
};

/** The HTTP status of a kind of failure. */
export const statusOf = (kind: ErrorKind): number => STATUS[kind].status;

/** Fastify's own refusals, by status; the other ones of the client's making are “invalid”. */
const KIND_OF_STATUS: Record<number, ErrorKind> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'notFound',
  413: 'tooLarge',
  429: 'rateLimited',
};

/** The parser of uploads gives its errors no status. */
const BROKEN_UPLOAD = /end of multipart data|Malformed part header|Boundary not found/;

/** Makes every failure an `application/problem+json` answer (RFC 9457). */
export function mapErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const failure = toDomainError(error as FastifyError);
    if (failure.kind === 'internal') request.log.error({ err: error }, 'a request failed');
    return sendProblem(reply, failure);
  });
}

/** Answers with the problem document of a failure. */
export function sendProblem(reply: FastifyReply, failure: DomainError): FastifyReply {
  const { status, title } = STATUS[failure.kind];
  const problem: Problem = {
    type: `urn:polyrelay:problem:${failure.code}`,
    title,
    status,
    detail: failure.message,
    code: failure.code,
  };
  if (failure.errors !== undefined) problem.errors = failure.errors;
  if (failure.kind === 'unavailable') reply.header('retry-after', '2');
  return reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(problem);
}

/** A failure as the closed set knows it; what is not known is internal. */
export function toDomainError(error: FastifyError | DomainError): DomainError {
  if (error instanceof DomainError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((issue) => ({
      path: issue.instancePath.replace(/^\//, '').replaceAll('/', '.'),
      message: issue.message ?? 'is not valid',
    }));
    const where = errors
      .map((one) => `${one.path || (error.validationContext ?? 'body')}: ${one.message}`)
      .join('; ');
    return new DomainError('invalid', 'invalidRequest', where, { cause: error, errors });
  }
  if (isResponseSerializationError(error))
    return new DomainError('internal', 'internal', INTERNAL, { cause: error });
  if (isDatabaseAway(error)) return databaseAway(error);
  if (error.statusCode === 415)
    return new DomainError(
      'invalid',
      'unsupportedMediaType',
      'Send JSON, with the header “Content-Type: application/json”.',
      { cause: error },
    );
  const { statusCode = 500 } = error;
  if ((statusCode >= 400 && statusCode < 500) || BROKEN_UPLOAD.test(error.message)) {
    const kind = KIND_OF_STATUS[statusCode] ?? 'invalid';
    return new DomainError(kind, kind === 'invalid' ? 'badRequest' : kind, error.message, { cause: error });
  }
  return new DomainError('internal', 'internal', INTERNAL, { cause: error });
}

const INTERNAL = 'The service met an error that it did not expect. Its log says more; please report it.';

/** The answer for an unknown path below `/api`. */
export const unknownRoute = (request: FastifyRequest): DomainError =>
  new DomainError(
    'notFound',
    'noSuchRoute',
    `There is no ${request.method} ${request.url.split('?')[0]}. All calls are described at /api/docs.`,
  );
