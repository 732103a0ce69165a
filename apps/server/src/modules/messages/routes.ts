import {
  Id,
  MessageCount,
  MessageDeletion,
  MessageQuery,
  MessageRange,
  MessageRate,
  MessageRateQuery,
  MessageSummary,
  page,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notFound } from '#core/errors.js';
import { readCursor, writeCursor } from './cursor.js';
import { rangeOf } from './port.js';
import { messageFile, presentSummary, presentText } from './present.js';
import { messageRate } from './rate.js';
import { countMessages, findMessage, readPage, searchPage } from './store.js';

const tags = ['messages'];
const params = z.object({ id: Id });
const messageParams = params.extend({ messageId: Id });

/** Messages of a thing over the service's own API. */
export function messageRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const { pool } = app.database;

  routes.get(
    '/api/things/:id/messages',
    {
      schema: {
        summary: 'Messages of a thing, newest first',
        description:
          'With `text` a page may be short, or empty: one call looks at 2,000 messages or 4 MiB at the most. Go on while there is a `nextCursor`.',
        tags,
        params,
        querystring: MessageQuery,
        response: { 200: page(MessageSummary) },
      },
    },
    async (request) => {
      const { limit, cursor, text, ...asked } = request.query;
      const range = rangeOf(await app.things.require(request.principal, request.params.id), asked);
      const before = cursor === undefined ? undefined : readCursor(cursor);
      if (text !== undefined && text !== '') {
        const { hits, next } = await searchPage(pool, range, before, limit, text);
        return { items: hits.map(presentSummary), nextCursor: next === null ? null : writeCursor(next) };
      }
      const rows = await readPage(pool, range, before, limit + 1);
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      const more = rows.length > limit && last !== undefined;
      return { items: items.map(presentSummary), nextCursor: more ? writeCursor(last) : null };
    },
  );

  routes.get(
    '/api/things/:id/messages/count',
    {
      schema: {
        summary: 'How many messages there are in a range',
        tags,
        params,
        querystring: MessageRange,
        response: { 200: MessageCount },
      },
    },
    async (request) => {
      const thing = await app.things.require(request.principal, request.params.id);
      const { oldest, newest, ...sums } = await countMessages(pool, rangeOf(thing, request.query));
      return { ...sums, oldest: oldest?.toISOString() ?? null, newest: newest?.toISOString() ?? null };
    },
  );

  routes.get(
    '/api/things/:id/messages/rate',
    {
      schema: {
        summary: 'Messages in equal spans of a range; the last hour when it is left out',
        tags,
        params,
        querystring: MessageRateQuery,
        response: { 200: MessageRate },
      },
    },
    async (request) => {
      const thing = await app.things.require(request.principal, request.params.id);
      return messageRate(pool, thing.id, request.query);
    },
  );

  routes.get(
    '/api/things/:id/messages/:messageId',
    {
      schema: {
        summary: 'One message with its whole payload',
        description: 'A `Message`; the payload is the JSON text as it came.',
        tags,
        params: messageParams,
        response: { 200: z.any() },
      },
    },
    async (request, reply) => {
      const { id, messageId } = request.params;
      const thing = await app.things.require(request.principal, id);
      const row = await findMessage(pool, thing.id, messageId);
      if (row === undefined) throw notFound('This message');
      return reply.type('application/json; charset=utf-8').serializer(String).send(presentText(row));
    },
  );

  routes.delete(
    '/api/things/:id/messages',
    {
      schema: {
        summary: 'Delete messages of a thing: of a type, in a range, or all',
        tags,
        params,
        querystring: MessageRange,
        response: { 200: MessageDeletion },
      },
    },
    async (request) => {
      const { principal, ip, query } = request;
      const thing = await app.things.require(principal, request.params.id);
      const deleted = await app.messages.delete(thing, query);
      const detail = { ...query, deleted };
      await app.audit.record({
        actor: principal.email,
        action: 'messages.delete',
        target: thing.name,
        detail,
        ip,
      });
      return { deleted };
    },
  );

  routes.get(
    '/api/things/:id/archive',
    {
      schema: {
        summary: 'Download messages of a thing as a zip: one <messageId>.json a message',
        tags,
        params,
        querystring: MessageRange,
        response: { 200: z.any() },
      },
    },
    async (request, reply) => {
      const thing = await app.things.require(request.principal, request.params.id);
      await app.messages.requireMessages(thing, request.query);
      const filename = `${thing.name}_messages_${new Date().toISOString().slice(0, 10)}.zip`;
      return reply
        .type('application/zip')
        .header('content-disposition', `attachment; filename="${filename}"`)
        .header('cache-control', 'no-store')
        .send(app.messages.archive(thing, request.query, messageFile));
    },
  );
}
