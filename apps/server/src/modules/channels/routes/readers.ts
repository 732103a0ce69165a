import { ChannelId, ChannelReaders, Id } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notFound } from '#core/errors.js';
import { presentReader } from '../readers/present.js';
import { deleteReader, listReaders } from '../readers/store.js';

const tags = ['channels'];
const params = z.object({ id: ChannelId });

/** Who reads a channel. */
export function readerRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const { channels, database } = app;

  routes.get(
    '/api/channels/:id/readers',
    {
      schema: {
        summary: 'Who reads a channel, how far they are and how fast; a few seconds old at the most',
        tags,
        params,
        response: { 200: ChannelReaders },
      },
    },
    async ({ principal, params }) => {
      const { id } = await channels.require(principal, params.id);
      return { items: (await listReaders(database.pool, id)).map(presentReader) };
    },
  );

  routes.delete(
    '/api/channels/:id/readers/:readerId',
    {
      schema: {
        summary: 'Forget a reader; it is there again when it reads again',
        tags,
        params: params.extend({ readerId: Id }),
        response: { 204: z.null() },
      },
    },
    async ({ principal, params }, reply) => {
      const { id } = await channels.require(principal, params.id);
      const reader = await deleteReader(database.pool, id, params.readerId);
      if (reader === undefined) throw notFound('This reader');
      channels.readers.forget(id, reader.credential, reader.agent);
      return reply.code(204).send(null);
    },
  );
}
