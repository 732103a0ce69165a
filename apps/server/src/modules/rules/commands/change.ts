import type { Rule, RuleChange } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import type { Router } from '../routing/router.js';
import { checkSource, chosenOf } from '../sources.js';
import { endOfLog, loadRule, presentRule, type RulePlace, ruleEvent, sourceOf } from '../store.js';

/** Changes a rule. What it could not take while it was disabled stays out. @throws notFound, invalid `unknownSource` */
export async function changeRule(
  app: FastifyInstance,
  router: Router,
  principal: Principal,
  place: RulePlace,
  change: RuleChange,
): Promise<Rule> {
  const { channelId, ruleId } = place;
  const { ownerId, name: channel } = await app.channels.require(principal, channelId);
  const before = await loadRule(app, channelId, ruleId);
  const data = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  if (Object.keys(data).length === 0) return presentRule(before);
  if (change.source !== undefined) {
    await checkSource(app, ownerId, change.source, chosenOf(sourceOf(before)));
    // What was of no interest before is not looked at again, with other eyes.
    await router.settle();
  }
  const row = await app.events.transaction(async (tx, record) => {
    const [held] = await tx.$queryRaw<{ enabled: boolean }[]>`
      SELECT enabled FROM channel_rules WHERE id = ${ruleId}::uuid FOR NO KEY UPDATE`;
    if (held === undefined) throw notFound('This rule');
    const since = change.enabled === true && !held.enabled ? { since: await endOfLog(tx) } : {};
    record(ruleEvent(place, 'UPDATE', ownerId));
    return tx.channelRule.update({ where: { id: ruleId }, data: { ...data, ...since } });
  });
  await app.audit.record({
    actor: principal.email,
    action: 'rule.change',
    target: channel,
    detail: { ...place, name: row.name, changed: Object.keys(data) },
  });
  return presentRule(row);
}
