import type { FlashlexError } from '@polyrelay/contract';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import { statusOf, toDomainError } from '#edges/http/errors.js';
import { subscriptionPolicyOf } from './subscription.js';

/** A refusal over a limit, with whose limit it is: the answer shows the policy. */
class OverLimit extends DomainError {
  readonly userId: string;

  constructor(refusal: DomainError, userId: string) {
    super(refusal.kind, refusal.code, refusal.message, { cause: refusal });
    this.userId = userId;
  }
}

/** Runs what counts against the policy of a user. */
export async function counted<T>(userId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DomainError && error.code === 'overLimit' ? new OverLimit(error, userId) : error;
  }
}

/** Makes every failure below this plugin an envelope, an unknown route too. */
export function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler(async (error, request, reply) => {
    const failure = tooLarge(error as FastifyError, request) ?? toDomainError(error as FastifyError);
    if (failure.kind === 'internal') request.log.error({ err: error }, 'a request failed');
    const result = failure instanceof OverLimit ? await subscriptionPolicyOf(app, failure.userId) : {};
    return refuse(reply, failure, result);
  });
  app.setNotFoundHandler((request, reply) =>
    refuse(
      reply,
      new DomainError(
        'notFound',
        'noSuchRoute',
        `There is no ${request.method} ${request.url.split('?')[0]}. All calls are described at /api/docs.`,
      ),
    ),
  );
}

/** Says what Fastify's own words leave out: how much a body may be. */
function tooLarge(
  { code }: FastifyError,
  { routeOptions: { bodyLimit } }: FastifyRequest,
): DomainError | undefined {
  if (code !== 'FST_ERR_CTP_BODY_TOO_LARGE') return undefined;
  return new DomainError('tooLarge', 'tooLarge', `The body may have ${bodyLimit / 1024} KiB at most.`);
}

function refuse(
  reply: FastifyReply,
  { kind, code, message, errors = [] }: DomainError,
  result: Record<string, unknown> = {},
): FastifyReply {
  const status = statusOf(kind);
  const answer: FlashlexError = {
    status: 'ERROR',
    code: status,
    messages: [
      { key: 'message', value: message },
      { key: 'code', value: code },
      ...errors.map((one) => ({ key: one.path, value: one.message })),
    ],
    result,
  };
  if (kind === 'unavailable') reply.header('retry-after', '2');
  return reply.code(status).type('application/json').serializer(JSON.stringify).send(answer);
}
