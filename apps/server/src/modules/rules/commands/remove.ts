import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import { type RulePlace, ruleEvent } from '../store.js';

/** Deletes a rule. @throws notFound */
export async function removeRule(
  app: FastifyInstance,
  principal: Principal,
  place: RulePlace,
): Promise<void> {
  const { channelId, ruleId: id } = place;
  const { ownerId, name: channel } = await app.channels.require(principal, channelId);
  await app.events.transaction(async (tx, record) => {
    const { count } = await tx.channelRule.deleteMany({ where: { id, channelId } });
    if (count === 0) throw notFound('This rule');
    record(ruleEvent(place, 'DELETION', ownerId));
  });
  await app.audit.record({
    actor: principal.email,
    action: 'rule.delete',
    target: channel,
    detail: { ...place },
  });
}
