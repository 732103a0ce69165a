import { MAX_CHANNEL_RULES, type Rule, RuleRequest } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { isForeignKeyViolation } from '#core/database/database.js';
import { DomainError, notFound } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import { checkSource } from '../sources.js';
import { endOfLog, presentRule, ruleEvent } from '../store.js';

/** Makes a rule. @throws notFound, invalid `unknownSource`, conflict `tooManyRules` */
export async function createRule(
  app: FastifyInstance,
  principal: Principal,
  channelId: number,
  request: RuleRequest,
): Promise<Rule> {
  const { ownerId, name: channel } = await app.channels.require(principal, channelId);
  const data = RuleRequest.parse(request);
  await checkSource(app, ownerId, data.source);
  const row = await app.events
    .transaction(async (tx, record) => {
      if ((await tx.channelRule.count({ where: { channelId } })) >= MAX_CHANNEL_RULES) throw tooMany();
      const made = await tx.channelRule.create({ data: { ...data, channelId, since: await endOfLog(tx) } });
      record(ruleEvent({ channelId, ruleId: made.id }, 'INSERTION', ownerId));
      return made;
    })
    .catch((error: unknown) => {
      throw isForeignKeyViolation(error) ? notFound('This channel') : error;
    });
  await app.audit.record({
    actor: principal.email,
    action: 'rule.create',
    target: channel,
    detail: { channelId, ruleId: row.id, name: row.name },
  });
  return presentRule(row);
}

const tooMany = (): DomainError =>
  new DomainError(
    'conflict',
    'tooManyRules',
    `This channel has ${MAX_CHANNEL_RULES} rules, which is the most. Let one rule take several sources.`,
  );
