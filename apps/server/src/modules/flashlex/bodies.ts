import { MAX_MESSAGE_BYTES } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';

/** Options of a route whose body is a message. */
export const messageBody = { bodyLimit: MAX_MESSAGE_BYTES };

/** Keeps bodies as the text they are: what is stored is what was sent, and nothing is parsed twice. */
export function keepText(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  // Published clients send application/json, people with curl whatever curl makes of it.
  for (const type of ['application/json', '*'])
    scope.addContentTypeParser(type, { parseAs: 'string' }, (_request, text, done) => done(null, text));
}
