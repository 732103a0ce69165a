import { type FlespiFailure, MAX_CHANNEL_BODY_BYTES } from '@polyrelay/contract';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { DomainError } from '#core/errors.js';
import { statusOf, toDomainError, unknownRoute } from '#edges/http/errors.js';

/**
 * Makes every failure below this plugin `{"errors":[…]}` with its status. Never a 200: flespi’s receiver stops at a 200
 * with errors, and tries again after any other status.
 */
export function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const failure = tooLarge(error as FastifyError) ?? toDomainError(error as FastifyError);
    if (failure.kind === 'internal') request.log.error({ err: error }, 'a request failed');
    return refuse(reply, failure);
  });
  app.setNotFoundHandler((request, reply) => refuse(reply, unknownRoute(request)));
}

/** Says what Fastify's own words leave out: how much a body may be. */
function tooLarge({ code }: FastifyError): DomainError | undefined {
  if (code !== 'FST_ERR_CTP_BODY_TOO_LARGE') return undefined;
  return new DomainError(
    'tooLarge',
    'tooLarge',
    `The body may have ${MAX_CHANNEL_BODY_BYTES / 1024 ** 2} MiB at most. Send the messages in several calls.`,
  );
}

/** Whether an address is one of flespi’s gateway. */
export const belowGateway = (url: string): boolean => url.startsWith('/gw/');

/** Answers with `errors`. */
export function refuse(reply: FastifyReply, { kind, message, errors = [] }: DomainError): FastifyReply {
  const code = statusOf(kind);
  const reasons = errors.map((one) => (one.path === '' ? one.message : `${one.path}: ${one.message}`));
  const answer: FlespiFailure = {
    errors: (reasons.length > 0 ? reasons : [message]).map((reason) => ({ code, reason })),
  };
  if (kind === 'unavailable') reply.header('retry-after', '2');
  return reply.code(code).type('application/json').serializer(JSON.stringify).send(answer);
}
