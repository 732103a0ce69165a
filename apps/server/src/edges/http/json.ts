import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';

/** Only an escape can bring such a character into a body: bytes that are no UTF-8 were replaced before. */
const ESCAPED = /\\u(?:0000|d[89a-f])/i;

/** U+0000, and half of a surrogate pair: PostgreSQL and Prisma take neither. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

const REFUSAL =
  'A text holds a character that cannot be stored (U+0000, or half of a surrogate pair). Remove it.';

/** Reads JSON bodies. Keys that reach for prototypes and text that cannot be stored are refused. */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    void parse(request, text, (error, body) => {
      if (error === null && ESCAPED.test(text) && holdsUnstorable(body))
        done(new DomainError('invalid', 'unstorableText', REFUSAL));
      else done(error, body);
    });
  });
}

function holdsUnstorable(body: unknown): boolean {
  const left = [body];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string' && UNSTORABLE.test(value)) return true;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) left.push(key, inner);
  }
  return false;
}
