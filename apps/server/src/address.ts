import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from './core/errors.js';
import { sendProblem, toDomainError } from './edges/http/errors.js';
import { belowGateway, refuse } from './modules/flespi/failures.js';
import { belowWebServices, refuse as refuseWebService } from './modules/idigi/answer/failures.js';

/** Greatest part of an address between two “/”: selectors of channels are lists. */
export const MAX_PART = 2000;

/** Fastify quotes the address, however long it is. */
const WORDS: Record<string, string> = {
  FST_ERR_BAD_URL: 'The address cannot be decoded. Write characters that are not plain as UTF-8 in %XX.',
  FST_ERR_MAX_PARAM_LENGTH: `A part of the address has more than ${MAX_PART} characters. Make it shorter.`,
};

/** Answers for an address that cannot be read, as who asks there expects it: no route and no plugin is asked yet. */
export function refuseAddress(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const words = WORDS[error.code];
  const failure =
    words === undefined
      ? toDomainError(error)
      : new DomainError('invalid', 'badRequest', words, { cause: error });
  if (belowWebServices(request.url)) return refuseWebService(request, reply, failure);
  return belowGateway(request.url) ? refuse(reply, failure) : sendProblem(reply, failure);
}
