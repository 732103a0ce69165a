import type { Rule, RuleSource } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { Transaction } from '#core/database/database.js';
import { notFound } from '#core/errors.js';
import type { NewEvent } from '#core/events/types.js';
import type { ChannelRule } from '#generated/prisma/client.js';

/** A rule of a channel. */
export interface RulePlace {
  channelId: number;
  ruleId: string;
}

export const listRules = (app: FastifyInstance, channelId: number): Promise<ChannelRule[]> =>
  app.database.prisma.channelRule.findMany({
    where: { channelId },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });

/** @throws notFound, for a rule of another channel too */
export async function loadRule(app: FastifyInstance, channelId: number, id: string): Promise<ChannelRule> {
  const row = await app.database.prisma.channelRule.findUnique({ where: { id, channelId } });
  if (row === null) throw notFound('This rule');
  return row;
}

/** The end of the log: a rule that is made or enabled now hears what is behind it. */
export async function endOfLog(tx: Transaction): Promise<bigint> {
  const [row] = await tx.$queryRaw<{ id: bigint }[]>`SELECT coalesce(max(id), 0) AS id FROM events`;
  return row?.id ?? 0n;
}

export const ruleEvent = (
  { channelId, ruleId }: RulePlace,
  operation: NewEvent['operation'],
  ownerId: string,
): NewEvent => ({ topic: `channels/${channelId}/rules/${ruleId}`, operation, ownerId });

export const presentRule = (row: ChannelRule): Rule => ({
  id: row.id,
  channelId: row.channelId,
  name: row.name,
  enabled: row.enabled,
  source: sourceOf(row),
  keep: row.keep as string[],
  rename: row.rename as Record<string, string>,
  createdAt: row.createdAt.toISOString(),
  added: Number(row.added),
  lastAt: row.lastAt?.toISOString() ?? null,
});

/** As it was checked before it was stored. */
export const sourceOf = (row: Pick<ChannelRule, 'source'>): RuleSource => row.source as unknown as RuleSource;
