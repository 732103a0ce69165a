import {
  DistributionQuery,
  FlashlexNothing,
  FlashlexThing,
  FlashlexThingRequest,
  flashlexAnswer,
  Id,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ok } from '../envelope.js';
import { counted } from '../failures.js';
import { presentThing } from '../present.js';

/** The published API has no paging: with their certificates, these are some 10 MB. */
const MAX_LISTED = 5000;

const params = z.object({ id: Id });

/** Things of the caller. */
export function thingRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/things',
    {
      schema: { summary: 'My things', response: { 200: flashlexAnswer(z.array(FlashlexThing)) } },
    },
    async ({ principal }) => {
      const things = await app.things.owned(principal.userId, MAX_LISTED + 1);
      const listed = things.slice(0, MAX_LISTED).map(presentThing);
      const message =
        things.length > MAX_LISTED
          ? `Only the first ${MAX_LISTED} things by name. GET /api/things gives all, page by page.`
          : 'OK';
      return ok(listed, message);
    },
  );

  routes.post(
    '/things',
    {
      schema: {
        summary: 'Create a thing, with its keys and certificate',
        body: FlashlexThingRequest,
        response: { 200: flashlexAnswer(FlashlexThing) },
      },
    },
    async ({ principal, body: { thingName: name, thingType: type } }) => {
      const thing = await counted(principal.userId, () => app.things.create(principal, { name, type }));
      return ok(presentThing(thing), 'Thing created.');
    },
  );

  routes.get(
    '/things/:id',
    { schema: { summary: 'One thing', params, response: { 200: flashlexAnswer(FlashlexThing) } } },
    async ({ principal, params: { id } }) => ok(presentThing(await app.things.read(principal, id))),
  );

  routes.get(
    '/things/:id/dist',
    {
      schema: {
        summary: 'The software of a thing with its keys, as a zip',
        description: 'The private key is in it once, unless the thing keeps it.',
        params,
        querystring: DistributionQuery,
        response: { 200: z.any() },
      },
    },
    async (request, reply) =>
      app.things.sendDistribution(request, reply, request.params.id, request.query.privateKey !== 'false'),
  );

  routes.delete(
    '/things/:id',
    {
      schema: {
        summary: 'Delete a thing with all its messages and rights',
        params,
        response: { 200: flashlexAnswer(FlashlexNothing) },
      },
    },
    async ({ principal, params: { id } }) => {
      await app.things.delete(principal, id);
      return ok({}, 'Thing deleted.');
    },
  );
}
