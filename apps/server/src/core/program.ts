import { type FileHandle, open } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError } from './errors.js';

/** A program in one file that the service hands out. */
export interface Program {
  /** Where it is, as `npm run build` makes it. */
  path: string;
  /** What it is saved as; it is at `/api/{name}`. */
  name: string;
  /** As `receiver of channels`, for people. */
  title: string;
  /** Of the error where it was not built. */
  missingCode: string;
  tag: string;
}

/** Hands out a program, for whoever has nothing but this service's address. */
export function programRoute(app: FastifyInstance, program: Program): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    `/api/${program.name}`,
    {
      config: { public: true },
      schema: {
        summary: `The ${program.title}, one file for Node.js: node ${program.name} --help`,
        tags: [program.tag],
        security: [],
        response: {
          200: z.any().describe('The program (text/javascript)'),
          304: z.null().describe('You have it'),
        },
      },
    },
    async (request, reply) => {
      const file = await openProgram(program);
      const { size, mtimeMs } = await file.stat();
      const etag = `"${size.toString(16)}-${Math.trunc(mtimeMs).toString(16)}"`;
      reply.headers({ etag, 'cache-control': 'public, no-cache' });
      if (request.headers['if-none-match'] === etag) {
        await file.close();
        return reply.code(304).send(null);
      }
      return reply
        .type('text/javascript; charset=utf-8')
        .headers({ 'content-length': size, 'content-disposition': `attachment; filename="${program.name}"` })
        .send(file.createReadStream());
    },
  );
}

/** @throws notFound with the program's `missingCode` where it was not built */
export async function openProgram({
  path,
  title,
  missingCode,
}: Pick<Program, 'path' | 'title' | 'missingCode'>): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    const message = `The ${title} is not where the service looks for it (${path}): build it with npm run build.`;
    throw new DomainError('notFound', missingCode, message, { cause });
  }
}
