import type { PolicyLimits } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import { type PolicyScope, policyUpsert } from '../store.js';

/** Who makes a change, and from where. */
interface By {
  principal: Principal;
  ip: string;
}

/** Sets the limits of a user, or those for everybody. @throws notFound */
export async function setPolicy(
  app: FastifyInstance,
  { principal, ip }: By,
  scope: PolicyScope,
  limits: PolicyLimits,
): Promise<void> {
  const target = await targetOf(app, scope);
  await app.events.transaction(async (tx, record) => {
    await tx.policy.upsert(policyUpsert(scope, limits));
    record({ topic: topicOf(scope), operation: 'UPDATE', ownerId: ownerOf(scope), payload: limits });
  });
  app.policies.forget(nameOf(scope));
  await app.audit.record({ actor: principal.email, action: 'policy.change', target, detail: limits, ip });
}

/** Takes a user's own limits away: those for everybody hold again. @throws notFound */
export async function removePolicy(
  app: FastifyInstance,
  { principal, ip }: By,
  userId: string,
): Promise<void> {
  const scope = { userId };
  const target = await targetOf(app, scope);
  const removed = await app.events.transaction(async (tx, record) => {
    const { count } = await tx.policy.deleteMany({ where: { userId } });
    if (count > 0) record({ topic: topicOf(scope), operation: 'DELETION', ownerId: userId });
    return count > 0;
  });
  app.policies.forget(userId);
  if (removed) await app.audit.record({ actor: principal.email, action: 'policy.remove', target, ip });
}

const nameOf = (scope: PolicyScope): string => (scope === 'default' ? scope : scope.userId);
const topicOf = (scope: PolicyScope): string => `policies/${nameOf(scope)}`;
const ownerOf = (scope: PolicyScope): string | null => (scope === 'default' ? null : scope.userId);

async function targetOf(app: FastifyInstance, scope: PolicyScope): Promise<string> {
  if (scope === 'default') return scope;
  const user = await app.database.prisma.user.findUnique({ where: { id: scope.userId } });
  if (user === null) throw notFound('This user');
  return user.email;
}
