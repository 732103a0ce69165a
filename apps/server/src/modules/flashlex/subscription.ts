import type {
  FlashlexStatement,
  FlashlexSubscription,
  FlashlexSubscriptionPolicy,
  Policy,
  User,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import { created, epochSeconds } from './present.js';

/** What published clients call a subscription: there is one a user here, with the user's id, and it costs nothing. */
export function presentSubscription(user: User, policy: Policy): FlashlexSubscription {
  return {
    flsubscriptionspk: user.id,
    ...created(user.createdAt),
    fluserspk: user.id,
    common_name: 'SELF-HOSTED',
    startts: epochSeconds(policy.periodStart),
    endts: epochSeconds(policy.periodEnd),
    flstatus: 'active',
    product_id: 'polyrelay',
    plan_id: policy.own ? `own:${user.id}` : 'default',
    plan_name: policy.own ? 'Self-hosted, limits of this user' : 'Self-hosted',
  };
}

/** The subscription of a user with its limits. @throws notFound */
export async function subscriptionPolicyOf(
  app: FastifyInstance,
  userId: string,
): Promise<FlashlexSubscriptionPolicy> {
  const [user, policy] = await Promise.all([app.access.user(userId), app.policies.read(userId)]);
  if (user === undefined) throw notFound('This user');
  return {
    subscription: presentSubscription(user, policy),
    policy: { Statement: statements(userId, policy) },
  };
}

/** Actions as the Swagger file writes them, “flashex” too. */
const ACTIONS = [
  ['flashex:createThing', 'thing', 'things'],
  ['flashex:collectMessage', 'message', 'collected'],
  ['flashex:publishMessage', 'message', 'published'],
] as const;

function statements(userId: string, { limits, usage }: Policy): FlashlexStatement[] {
  const counted = ACTIONS.map(([Action, resource, what]): FlashlexStatement => {
    const allowed = limits[what];
    return {
      Action,
      Effect: allowed !== null && usage[what] >= allowed ? 'Deny' : 'Allow',
      Resource: `${userId}:${resource}:*`,
      ...(allowed === null ? {} : { AllowedCount: allowed }),
      ActualCount: usage[what],
    };
  });
  if (limits.retentionDays === null) return counted;
  return [
    ...counted,
    {
      Action: 'flashex:retainMessageDays',
      Effect: 'Allow',
      Resource: `${userId}:message:*`,
      AllowedCount: limits.retentionDays,
    },
  ];
}
