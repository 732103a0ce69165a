import { Id, Thing, ThingRequest } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';

const tags = ['things'];
const params = z.object({ id: Id });

/** Things over the service's own API. */
export function thingRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

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
    async (request, reply) => reply.code(201).send(await app.things.create(request.principal, request.body)),
  );

  routes.get(
    '/api/things/:id',
    { schema: { summary: 'One thing', tags, params, response: { 200: Thing } } },
    async (request) => app.things.read(request.principal, request.params.id),
  );
}
