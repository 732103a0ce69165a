import { parseTopics } from '@polyrelay/codecs/push-topic';
import type { MonitorBlockContent, MonitorBlockPage } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import { presentBlock } from './present.js';
import { readMessagesOf } from './resources/index.js';
import type { MonitorRecord } from './types.js';

/** Looks at the log for the events of one block at the most; each look is bounded itself. */
const LOOKS = 20;

/** Blocks of a monitor, newest first. */
export async function listBlocks(
  { database }: FastifyInstance,
  monitorId: number,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<MonitorBlockPage> {
  const rows = await database.prisma.monitorBlock.findMany({
    where: { monitorId, ...(before === undefined ? {} : { seq: { lt: BigInt(before) } }) },
    orderBy: { seq: 'desc' },
    take: limit + 1,
  });
  const items = rows.slice(0, limit).map(presentBlock);
  return { items, nextSeq: rows.length > limit ? (items.at(-1)?.seq ?? null) : null };
}

/** One block with what was in it. @throws notFound */
export async function readBlock(
  app: FastifyInstance,
  monitor: MonitorRecord,
  seq: number,
): Promise<MonitorBlockContent> {
  const row = await app.database.prisma.monitorBlock.findUnique({
    where: { monitorId_seq: { monitorId: monitor.id, seq: BigInt(seq) } },
  });
  if (row === null) throw notFound('This block');
  const { resources } = app.monitors;
  const made = { firstPlace: Number(row.firstPlace), lastPlace: Number(row.lastPlace), events: row.events };
  const topics = parseTopics(monitor.topic);
  const messages = await readMessagesOf(resources, { ...monitor, topics }, made, LOOKS);
  const whole = messages.length === row.events;
  const format = { ...monitor, compression: 'none' } as const;
  const payload = whole ? resources.payloadOf(messages, format).toString('utf8') : null;
  return { ...presentBlock(row), payload };
}
