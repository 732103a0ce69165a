import {
  Channel,
  ChannelChange,
  ChannelId,
  ChannelPage,
  ChannelQuery,
  ChannelRate,
  ChannelRateQuery,
  ChannelRequest,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { channelRate } from '../counts/rate.js';

const tags = ['channels'];
const params = z.object({ id: ChannelId });

/** Channels over the service's own API. */
export function channelRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const { channels } = app;

  routes.get(
    '/api/channels',
    {
      schema: {
        summary: 'Channels: searched, sorted, a page at a time',
        tags,
        querystring: ChannelQuery,
        response: { 200: ChannelPage },
      },
    },
    ({ principal, query }) => channels.list(principal, query),
  );

  routes.post(
    '/api/channels',
    { schema: { summary: 'Create a channel', tags, body: ChannelRequest, response: { 201: Channel } } },
    async ({ principal, body }, reply) =>
      reply.code(201).send(await channels.load(await channels.create(principal, body))),
  );

  routes.get(
    '/api/channels/:id',
    { schema: { summary: 'One channel', tags, params, response: { 200: Channel } } },
    async ({ principal, params }) => channels.load(await channels.require(principal, params.id)),
  );

  routes.patch(
    '/api/channels/:id',
    {
      schema: {
        summary: 'Change a channel, disable or enable it',
        tags,
        params,
        body: ChannelChange,
        response: { 200: Channel },
      },
    },
    async ({ principal, params, body }) => {
      const channel = await channels.require(principal, params.id);
      await channels.change(principal, channel, body);
      return channels.load(channel);
    },
  );

  routes.delete(
    '/api/channels/:id',
    {
      schema: {
        summary: 'Delete a channel with its messages, readers and rules',
        tags,
        params,
        response: { 204: z.null() },
      },
    },
    async ({ principal, params }, reply) => {
      await channels.remove(principal, await channels.require(principal, params.id));
      return reply.code(204).send(null);
    },
  );

  routes.get(
    '/api/channels/:id/rate',
    {
      schema: {
        summary: 'Messages added in equal spans; the last hour when the range is left out',
        description:
          'Counted by the minute: spans are whole minutes, and fewer than `points` where there are not so many.',
        tags,
        params,
        querystring: ChannelRateQuery,
        response: { 200: ChannelRate },
      },
    },
    async ({ principal, params, query }) => {
      const { id } = await channels.require(principal, params.id);
      return channelRate(app.database.pool, id, query);
    },
  );
}
