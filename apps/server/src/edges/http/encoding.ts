import type { FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';

/** A body that is packed is not unpacked, and must not be taken for something else; undefined when it is as it is. */
export function refusedEncoding({ headers }: Pick<FastifyRequest, 'headers'>): DomainError | undefined {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity') return undefined;
  return new DomainError(
    'invalid',
    'encodedBody',
    'The body has a Content-Encoding. Send it as it is, without compression.',
  );
}
