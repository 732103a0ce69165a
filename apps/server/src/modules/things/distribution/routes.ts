import { Distribution, DistributionQuery, Id } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';

const tags = ['things'];
const params = z.object({ id: Id });

/** The software of a thing: what it is, and its download. */
export function distributionRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/api/things/:id/distribution',
    {
      schema: {
        summary: 'What the download of a thing holds',
        tags,
        params,
        response: { 200: Distribution },
      },
    },
    async (request) => app.things.describeDistribution(request, request.params.id),
  );

  routes.get(
    '/api/things/:id/dist',
    {
      schema: {
        summary: 'Download the keys, settings and software of a thing',
        description:
          'A zip. The private key is in it once, unless the thing keeps it; after that it is asked for with `privateKey=false`.',
        tags,
        params,
        querystring: DistributionQuery,
        response: { 200: z.any() },
      },
    },
    async (request, reply) =>
      app.things.sendDistribution(request, reply, request.params.id, request.query.privateKey !== 'false'),
  );
}
