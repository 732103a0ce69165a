import {
  FlashlexSubscription,
  FlashlexSubscriptionPolicy,
  FlashlexUser,
  flashlexAnswer,
  Id,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notFound } from '#core/errors.js';
import { owns, type Principal } from '#core/principal.js';
import { ok } from '../envelope.js';
import { presentUser } from '../present.js';
import { subscriptionPolicyOf } from '../subscription.js';

const Sub = z
  .string()
  .refine((sub) => sub === 'me' || Id.safeParse(sub).success, 'Give “me” or the id of a user');

/** Users, and what they may do. */
export function accountRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/users/:sub',
    {
      schema: {
        summary: 'A user: “me”, or by id',
        params: z.object({ sub: Sub }),
        response: { 200: flashlexAnswer(FlashlexUser) },
      },
    },
    async ({ principal, params }) => {
      const id = params.sub === 'me' ? principal.userId : params.sub.toLowerCase();
      const user = owns(principal, id) ? await app.access.user(id) : undefined;
      if (user === undefined) throw notFound('This user');
      return ok(presentUser(user));
    },
  );

  routes.get(
    '/subscriptions',
    {
      schema: {
        summary: 'My subscriptions: one, which costs nothing',
        response: { 200: flashlexAnswer(z.array(FlashlexSubscription)) },
      },
    },
    async ({ principal }) => ok([(await subscriptionPolicyOf(app, principal.userId)).subscription]),
  );

  routes.get(
    '/subscriptions/active',
    {
      schema: {
        summary: 'My subscription with its policy: the limits, and what is used of them',
        response: { 200: flashlexAnswer(FlashlexSubscriptionPolicy) },
      },
    },
    async ({ principal }) => ok(await subscriptionPolicyOf(app, principal.userId)),
  );

  routes.get(
    '/subscriptions/:id',
    {
      schema: {
        summary: 'A subscription by id',
        params: z.object({ id: Id }),
        response: { 200: flashlexAnswer(FlashlexSubscription) },
      },
    },
    async ({ principal, params }) => ok((await mySubscription(principal, params.id)).subscription),
  );

  function mySubscription(principal: Principal, id: string): Promise<FlashlexSubscriptionPolicy> {
    if (!owns(principal, id.toLowerCase())) throw notFound('This subscription');
    return subscriptionPolicyOf(app, id);
  }
}
