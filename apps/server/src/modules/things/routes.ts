import {
  Id,
  Thing,
  ThingChange,
  ThingCounts,
  ThingPage,
  ThingQuery,
  ThingRequest,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';

const tags = ['things'];
const params = z.object({ id: Id });

/** Things over the service's own API. */
export function thingRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const { things } = app;

  routes.get(
    '/api/things',
    {
      schema: {
        summary: 'Things: searched, filtered, sorted, a page at a time',
        tags,
        querystring: ThingQuery,
        response: { 200: ThingPage },
      },
    },
    ({ principal, query }) => things.list(principal, query),
  );

  routes.get(
    '/api/things/counts',
    { schema: { summary: 'How many things there are, by state', tags, response: { 200: ThingCounts } } },
    ({ principal }) => things.counts(principal),
  );

  routes.post(
    '/api/things',
    {
      schema: {
        summary: 'Create a thing, with its keys and certificate',
        tags,
        body: ThingRequest,
        response: { 201: Thing },
      },
    },
    async ({ principal, body }, reply) => reply.code(201).send(await things.create(principal, body)),
  );

  routes.get(
    '/api/things/:id',
    { schema: { summary: 'One thing', tags, params, response: { 200: Thing } } },
    (request) => things.read(request.principal, request.params.id),
  );

  routes.patch(
    '/api/things/:id',
    {
      schema: {
        summary: 'Change a thing, disable or enable it',
        tags,
        params,
        body: ThingChange,
        response: { 200: Thing },
      },
    },
    (request) => things.change(request.principal, request.params.id, request.body),
  );

  routes.delete(
    '/api/things/:id',
    {
      schema: {
        summary: 'Delete a thing with its messages; answers when all is gone',
        tags,
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await things.delete(request.principal, request.params.id);
      return reply.code(204).send(null);
    },
  );

  routes.post(
    '/api/things/:id/keys',
    {
      schema: {
        summary: 'Give a thing new keys and a new certificate; the old ones are refused at once',
        tags,
        params,
        response: { 200: Thing },
      },
    },
    (request) => things.rotateKeys(request.principal, request.params.id),
  );
}
