import { type FileHandle, open } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError } from '#core/errors.js';
import { RECEIVER_FILE } from '#core/paths.js';

/** The program that reads channels, for whoever has nothing but this service's address. */
export function receiverRoute(app: FastifyInstance): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/receiver.mjs',
    {
      config: { public: true },
      schema: {
        summary: 'The receiver of channels, one file for Node.js: node receiver.mjs --help',
        tags: ['channels'],
        security: [],
        response: {
          200: z.any().describe('The program (text/javascript)'),
          304: z.null().describe('You have it'),
        },
      },
    },
    async (request, reply) => {
      const file = await openReceiver(RECEIVER_FILE);
      const { size, mtimeMs } = await file.stat();
      const etag = `"${size.toString(16)}-${Math.trunc(mtimeMs).toString(16)}"`;
      reply.headers({ etag, 'cache-control': 'public, no-cache' });
      if (request.headers['if-none-match'] === etag) {
        await file.close();
        return reply.code(304).send(null);
      }
      return reply
        .type('text/javascript; charset=utf-8')
        .headers({ 'content-length': size, 'content-disposition': 'attachment; filename="receiver.mjs"' })
        .send(file.createReadStream());
    },
  );
}

/** @throws notFound `receiverMissing` where it was not built */
export async function openReceiver(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    const message = `The receiver is not where the service looks for it (${path}): build it with npm run build.`;
    throw new DomainError('notFound', 'receiverMissing', message, { cause });
  }
}
