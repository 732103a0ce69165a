import { Id, Policy, PolicyLimits, PolicyList } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { requireAdmin } from '#core/principal.js';
import { removePolicy, setPolicy } from './commands/set.js';
import { allOwnLimits, defaultLimits, monthOf, usageOf } from './store.js';

const tags = ['policies'];
const params = z.object({ userId: Id });

/** The policy of the caller, and those of everybody for admins. */
export function policyRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/api/policy',
    {
      schema: {
        summary: 'My limits, and what I have used of them this month',
        tags,
        response: { 200: Policy },
      },
    },
    async (request) => app.policies.read(request.principal.userId),
  );

  routes.get(
    '/api/policies',
    {
      schema: {
        summary: 'The limits for everybody, and every user’s (admins)',
        tags,
        response: { 200: PolicyList },
      },
    },
    async (request) => {
      requireAdmin(request.principal);
      return listPolicies(app);
    },
  );

  routes.put(
    '/api/policies/default',
    {
      schema: {
        summary: 'Set the limits for everybody who has none of their own (admins)',
        tags,
        body: PolicyLimits,
        response: { 200: PolicyLimits },
      },
    },
    async (request) => {
      requireAdmin(request.principal);
      await setPolicy(app, request, 'default', request.body);
      return request.body;
    },
  );

  routes.put(
    '/api/policies/:userId',
    {
      schema: {
        summary: 'Set the limits of one user (admins)',
        tags,
        params,
        body: PolicyLimits,
        response: { 200: Policy },
      },
    },
    async (request) => {
      requireAdmin(request.principal);
      const { userId } = request.params;
      await setPolicy(app, request, { userId }, request.body);
      return app.policies.read(userId);
    },
  );

  routes.delete(
    '/api/policies/:userId',
    {
      schema: {
        summary: 'Take the limits of one user back to those for everybody (admins)',
        tags,
        params,
        response: { 200: Policy },
      },
    },
    async (request) => {
      requireAdmin(request.principal);
      const { userId } = request.params;
      await removePolicy(app, request, userId);
      return app.policies.read(userId);
    },
  );
}

async function listPolicies(app: FastifyInstance): Promise<PolicyList> {
  const { start, end } = monthOf(new Date());
  const [everybody, own, used] = await Promise.all([
    defaultLimits(app),
    allOwnLimits(app),
    usageOf(app, start),
  ]);
  const period = { periodStart: start.toISOString(), periodEnd: end.toISOString() };
  const users = used.map(({ userId, email, usage }) => {
    const limits = own.get(userId);
    return { userId, email, limits: limits ?? everybody, usage, ...period, own: limits !== undefined };
  });
  return { default: everybody, users };
}
