import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import { statusOf, toDomainError } from '#edges/http/errors.js';
import { MAX_BODY_BYTES } from '../bodies.js';
import { sendTexts } from './send.js';

/** Makes every failure below this plugin an `<error>` in a `<result>`, or `{"error":["…"]}`. */
export function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const failure = tooLarge(error as FastifyError) ?? toDomainError(error as FastifyError);
    if (failure.kind === 'internal') request.log.error({ err: error }, 'a request failed');
    return refuse(request, reply, failure);
  });
}

/** Whether an address is one of these web services. */
export const belowWebServices = (url: string): boolean => /^\/ws(?:\/|$)/.test(url);

/** What a failure is for clients: `POST Monitor error. Invalid request. Invalid monTopic specified`. */
export function wordsOf(request: Pick<FastifyRequest, 'method' | 'url'>, failure: DomainError): string {
  const { kind, message, errors = [] } = failure;
  const details = errors.map((one) => (one.path === '' ? one.message : `${one.path}: ${one.message}`));
  const words = details.length > 0 ? details.join('; ') : message;
  return `${request.method} ${resourceOf(request.url)} error. ${kind === 'invalid' ? 'Invalid request. ' : ''}${words}`;
}

/** Answers with what went wrong. */
export function refuse(request: FastifyRequest, reply: FastifyReply, failure: DomainError): FastifyReply {
  if (failure.kind === 'unavailable') reply.header('retry-after', '2');
  if (failure.kind === 'unauthenticated')
    reply.header('www-authenticate', 'Basic realm="Polyrelay", charset="UTF-8"');
  reply.code(failure.code === 'notAllowed' ? 405 : statusOf(failure.kind));
  return sendTexts(request, reply, 'error', [wordsOf(request, failure)]);
}

/** Such as `Monitor` of `/ws/Monitor/17.json`. */
const resourceOf = (url: string): string => /^\/ws\/([A-Za-z]{1,40})(?:[/?.]|$)/.exec(url)?.[1] ?? 'Resource';

/** Says what Fastify's own words leave out: how much a body may be. */
function tooLarge({ code }: FastifyError): DomainError | undefined {
  if (code !== 'FST_ERR_CTP_BODY_TOO_LARGE') return undefined;
  return new DomainError(
    'tooLarge',
    'tooLarge',
    `The body may have ${MAX_BODY_BYTES / 1024} KiB at most. Send it in several calls.`,
  );
}
