import type { FastifyInstance } from 'fastify';
import { holdsUnstorable, unstorableText } from '#core/text.js';
import { refusedEncoding } from './encoding.js';

/** Reads JSON bodies. Keys that reach for prototypes and text that cannot be stored are refused. */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    const refused = refusedEncoding(request);
    if (refused !== undefined) return done(refused);
    void parse(request, text, (error, body) => {
      if (error === null && holdsUnstorable(text, body)) done(unstorableText());
      else done(error, body);
    });
  });
}
