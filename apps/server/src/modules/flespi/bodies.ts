import { MAX_CHANNEL_BODY_BYTES, MAX_CHANNEL_MESSAGE_DEPTH } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import { holdsUnstorable, isDeeper, unstorableText } from '#core/text.js';
import { refusedEncoding } from '#edges/http/encoding.js';

/** Keeps bodies as bytes, whatever they say they are: clients of flespi send none, or wrong media types. */
export function keepBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: MAX_CHANNEL_BODY_BYTES },
    (request, body, done) => done(refusedEncoding(request) ?? null, body),
  );
}

/** The bytes of a body. @throws invalid `emptyBody` */
export function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body) && body.length > 0) return body;
  throw new DomainError('invalid', 'emptyBody', 'The body is empty. Send JSON.');
}

/** A body as JSON. @throws invalid */
export function jsonOf(body: unknown): unknown {
  const text = bytesOf(body).toString('utf8');
  // The database's JSON goes only so deep.
  if (isDeeper(text, MAX_CHANNEL_MESSAGE_DEPTH))
    throw new DomainError(
      'invalid',
      'tooDeep',
      `The body is nested more than ${MAX_CHANNEL_MESSAGE_DEPTH} levels deep. Make it flatter.`,
    );
  const value = parseJson(text, 'The body');
  if (holdsUnstorable(text, value)) throw unstorableText();
  return value;
}

/** @throws invalid `notJson`, where JSON.parse found it */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/, ".*$/su, '') : '';
    throw new DomainError('invalid', 'notJson', `${what} is not JSON: ${detail}`, { cause: error });
  }
}
