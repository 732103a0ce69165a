import { ChannelDeletion, ChannelDeletionQuery, ChannelId, ChannelMessageQuery } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notFound } from '#core/errors.js';
import { presentText } from '../present.js';
import { readPage } from '../read/page.js';

const tags = ['channels'];
const params = z.object({ id: ChannelId });
const messageParams = params.extend({ key: z.coerce.number().int().min(0) });
const JSON_TYPE = 'application/json; charset=utf-8';

/** Messages of a channel over the service's own API. */
export function messageRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const { channels } = app;

  routes.get(
    '/api/channels/:id/messages',
    {
      schema: {
        summary: 'Messages of a channel: newest first, or oldest first with `after`',
        description:
          'A `ChannelMessagePage`; messages are the JSON text as it came. With `filter` a page may be short, or empty: one call looks at 2,000 messages or 4 MiB at the most. Go on while there is a `nextKey`.',
        tags,
        params,
        querystring: ChannelMessageQuery,
        response: { 200: z.any() },
      },
    },
    async ({ principal, params, query }, reply) => {
      const { id } = await channels.require(principal, params.id);
      const { items, nextKey } = await readPage(app.database.pool, id, query);
      const text = `{"items":[${items.map(presentText).join(',')}],"nextKey":${nextKey}}`;
      return reply.type(JSON_TYPE).serializer(String).send(text);
    },
  );

  routes.get(
    '/api/channels/:id/messages/:key',
    {
      schema: {
        summary: 'One message by its key',
        description: 'A `ChannelMessage`; the message is the JSON text as it came.',
        tags,
        params: messageParams,
        response: { 200: z.any() },
      },
    },
    async ({ principal, params }, reply) => {
      const channel = await channels.require(principal, params.id);
      const { messages } = await channels.read(channel, { from: params.key, limitCount: 1, limitSize: 1 });
      const [message] = messages;
      // The next one is given where this one is gone.
      if (message?.key !== params.key) throw notFound('This message');
      return reply.type(JSON_TYPE).serializer(String).send(presentText(message));
    },
  );

  routes.delete(
    '/api/channels/:id/messages',
    {
      schema: {
        summary: 'Delete messages: those with a key below `before`, or all',
        tags,
        params,
        querystring: ChannelDeletionQuery,
        response: { 200: ChannelDeletion },
      },
    },
    async ({ principal, params, query, ip }) => {
      const channel = await channels.require(principal, params.id);
      const firstKey = await channels.deleteBelow(channel, query.before ?? Number.MAX_SAFE_INTEGER);
      await app.audit.record({
        actor: principal.email,
        action: 'channel.messages.delete',
        target: channel.name,
        detail: { id: channel.id, firstKey },
        ip,
      });
      return { firstKey };
    },
  );
}
