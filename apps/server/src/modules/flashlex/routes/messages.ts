import { FlashlexMessage, FlashlexNothing, FlashlexRange, flashlexAnswer, Id } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ok } from '../envelope.js';
import { messageFile, presentMessage } from '../present.js';
import { rangeOf, readBounded } from '../range.js';

const params = z.object({ id: Id });

/** Messages of a thing. */
export function messageRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/things/:id/messages',
    {
      schema: {
        summary: 'Messages of a thing, oldest first',
        description: 'Up to 10,000 of them, or 8 MiB: the answer’s message says where it was cut.',
        params,
        querystring: FlashlexRange,
        response: { 200: flashlexAnswer(z.array(FlashlexMessage)) },
      },
    },
    async ({ principal, params: { id }, query }) => {
      const thing = await app.things.require(principal, id);
      const { messages, cut } = await readBounded(app, thing, rangeOf(query));
      return ok(
        messages.map((message) => presentMessage(message, thing.ownerId)),
        cut ?? 'OK',
      );
    },
  );

  routes.delete(
    '/things/:id/messages',
    {
      schema: {
        summary: 'Delete messages of a thing',
        params,
        querystring: FlashlexRange,
        response: { 200: flashlexAnswer(FlashlexNothing) },
      },
    },
    async ({ principal, params: { id }, query }) => {
      const thing = await app.things.require(principal, id);
      const deleted = await app.messages.delete(thing, rangeOf(query));
      return ok({}, `${deleted} ${deleted === 1 ? 'message' : 'messages'} deleted.`);
    },
  );

  routes.get(
    '/things/:id/archive',
    {
      schema: {
        summary: 'Messages of a thing as a zip, a file each',
        produces: ['application/zip'],
        params,
        querystring: FlashlexRange,
      },
    },
    async ({ principal, params: { id }, query }, reply) => {
      const thing = await app.things.require(principal, id);
      const range = rangeOf(query);
      await app.messages.requireMessages(thing, range);
      const archive = app.messages.archive(thing, range, (column) => messageFile(column, thing.ownerId));
      return reply
        .type('application/zip')
        .header('content-disposition', `attachment; filename="${thing.name}-messages.zip"`)
        .send(archive);
    },
  );
}
