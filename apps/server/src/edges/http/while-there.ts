import type { FastifyReply } from 'fastify';

/** Ends with the connection of whoever waits for an answer: who goes away does not want it any more. */
export function whileThere(reply: FastifyReply): AbortSignal {
  const left = new AbortController();
  reply.raw.once('close', () => left.abort());
  return left.signal;
}
