import { Id, OAuthApproval, OAuthResult } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError, notFound } from '#core/errors.js';
import { owns } from '#core/principal.js';
import type { Approvals } from './approvals.js';
import { takeCallback } from './callback.js';
import type { CallbackParams, Relay } from './relay.js';
import { startSignIn } from './start.js';
import { presentResult } from './store.js';

const tags = ['oauth'];

/** `/api/oauth/nest` is an older alias that registered redirect URIs still have (PGC section 6). */
/** Of what a provider adds, one may come twice. */
const CallbackParam = z.union([z.string(), z.array(z.string())]).optional();
const CALLBACKS = ['/api/oauth/callback', '/api/oauth/callback/:slot', '/api/oauth/nest'];

/** Browser pages: an error goes to a page, not to a JSON document. */
export function oauthRoutes(app: FastifyInstance, relay: Relay, approvals: Approvals): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/api/oauth/start',
    {
      config: { public: true },
      schema: {
        summary: 'Where a notice’s sign-in link leads: to the provider, with a one-time state',
        tags,
        querystring: z.object({ nodeServer: Id, notice: z.string().min(1).max(500) }),
      },
    },
    async (request, reply) => {
      const principal = await request.identify();
      reply.header('cache-control', 'no-store');
      if (principal === undefined)
        return reply.redirect(`/sign-in?next=${encodeURIComponent(request.url)}`, 302);
      const { nodeServer, notice } = request.query;
      return reply.redirect(await startSignIn(app, principal, nodeServer, notice), 302);
    },
  );

  for (const url of CALLBACKS) {
    routes.get(
      url,
      {
        config: { public: true },
        schema: {
          summary: 'Where providers send the browser back',
          tags,
          security: [],
          querystring: z
            .object({ state: CallbackParam, code: CallbackParam, error: CallbackParam })
            .catchall(CallbackParam),
        },
      },
      async (request, reply) => {
        const slot = (request.params as { slot?: string }).slot;
        const page = await takeCallback(
          app,
          { relay, approvals },
          request,
          request.query as CallbackParams,
          slot === undefined ? undefined : Number(slot),
        );
        return reply.header('cache-control', 'no-store').redirect(page, 303);
      },
    );
  }

  routes.get(
    '/api/oauth/results/:id',
    {
      schema: {
        summary: 'How a sign-in stands',
        tags,
        params: z.object({ id: Id }),
        response: { 200: OAuthResult },
      },
    },
    async (request) => {
      const row = await app.database.prisma.oAuthLink.findUnique({
        where: { id: request.params.id },
        include: { nodeServer: true },
      });
      if (row === null) throw notFound('This sign-in');
      if (!owns(request.principal, row.nodeServer.ownerId)) {
        throw new DomainError(
          'forbidden',
          'wrongAccount',
          'This sign-in belongs to another user. Sign in here as the owner of the node server.',
        );
      }
      return presentResult(row);
    },
  );

  routes.post(
    '/api/oauth/approve',
    {
      schema: {
        summary: 'Let a worker have an answer that came outside the dashboard',
        tags,
        body: OAuthApproval,
        response: { 200: OAuthResult },
      },
    },
    async (request) => approvals.approve(request.principal, request.body.id),
  );
}
