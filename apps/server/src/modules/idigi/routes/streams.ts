import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendPage } from '../answer/page.js';
import { queryOf } from '../query.js';
import { listStreams, STREAM_ATTRIBUTES } from '../resources/streams.js';
import { nameOf } from './element.js';

const NAME = 'DataStream';

/** `/ws/DataStream`: the drivers of nodes with their present values. */
export function streamRoutes(app: FastifyInstance): void {
  app.get('/DataStream', { schema: { summary: 'The drivers of my nodes' } }, (request, reply) =>
    list(request, reply),
  );
  app.get<{ Params: { '*': string } }>('/DataStream/*', { schema: { hide: true } }, (request, reply) =>
    list(request, reply, nameOf(request.params['*'])),
  );

  async function list(request: FastifyRequest, reply: FastifyReply, below?: string): Promise<FastifyReply> {
    const query = queryOf(request, STREAM_ATTRIBUTES);
    return sendPage(request, reply, NAME, await listStreams(app, request.wsCaller, query, below), query);
  }
}
