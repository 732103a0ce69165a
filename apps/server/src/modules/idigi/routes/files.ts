import { FILE_TYPE } from '@polyrelay/codecs/push-resource';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendStream } from '../answer/stream.js';
import { queryOf } from '../query.js';
import { FILE_ATTRIBUTES } from '../resources/file-filter.js';
import { listFiles, readFile } from '../resources/files.js';

const NAME = 'FileData';

/** `/ws/FileData`: what things sent, as files in a folder for each thing. */
export function fileRoutes(app: FastifyInstance): void {
  app.get('/FileData', { schema: { summary: 'What my things sent, as files' } }, list);
  for (const path of ['/FileData/.json', '/FileData/.xml']) app.get(path, { schema: { hide: true } }, list);
  app.get<{ Params: { '*': string } }>('/FileData/*', { schema: { hide: true } }, async (request, reply) => {
    const content = await readFile(app, request.wsCaller, request.params['*']);
    return reply.type(FILE_TYPE).serializer(String).send(content);
  });

  async function list(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const query = queryOf(request, FILE_ATTRIBUTES);
    return sendStream(request, reply, NAME, await listFiles(app, request.wsCaller, query), query);
  }
}
