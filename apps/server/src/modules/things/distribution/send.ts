import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import { describeDistribution } from './describe.js';
import { openDownload } from './download.js';
import { privateKeyGone } from './private-key.js';

/** How the caller reached the service. */
export const originOf = (request: FastifyRequest): string => `${request.protocol}://${request.host}`;

/**
 * Answers a request with the zip of a thing. The private key counts as given out when all of it was sent.
 * @throws as `openDownload`; invalid `wholeOnly`
 */
export async function sendDistribution(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  privateKey: boolean,
): Promise<FastifyReply> {
  const origin = originOf(request);
  if (request.method === 'HEAD') {
    const about = await describeDistribution(app, request.principal, id, { origin, privateKey });
    if (privateKey && about.privateKey === 'gone') throw privateKeyGone(about.filename);
    // Fastify sends the length of what it is given, and nothing else.
    return headers(reply, about.filename).send(Buffer.alloc(about.bytes));
  }
  // A part of it is of no use, and must not count as the one download.
  if (request.headers.range !== undefined)
    throw new DomainError('invalid', 'wholeOnly', 'This download comes whole: ask for it without “Range”.');
  const { principal, ip } = request;
  const download = await openDownload(app, principal, id, { privateKey, origin, ip });
  reply.raw.once('close', () => {
    download
      .ended(reply.raw.writableFinished)
      .catch((error: unknown) => request.log.error({ err: error }, 'the end of a download was not recorded'));
  });
  return headers(reply, download.filename).header('content-length', download.bytes).send(download.stream);
}

const headers = (reply: FastifyReply, filename: string): FastifyReply =>
  reply
    .type('application/zip')
    .header('content-disposition', `attachment; filename="${filename}"`)
    .header('accept-ranges', 'none')
    .header('cache-control', 'no-store');
