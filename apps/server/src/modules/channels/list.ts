import type { Channel, ChannelPage, ChannelQuery, ChannelSummary } from '@polyrelay/contract';
import { Timestamp } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { containing, cursorOf, readCursor } from '#core/cursors.js';
import { notFound } from '#core/errors.js';
import { isAdmin, type Principal } from '#core/principal.js';
import { printable } from '#core/text.js';
import { type ChannelRow, presentChannel, presentSummary } from './present.js';

type Sort = z.output<typeof ChannelQuery>['sort'];

/** PostgreSQL knows no year 0. */
const TIME = Timestamp.refine((time) => !time.startsWith('0000'));
const WHOLE = z.string().regex(/^\d{1,15}$/);

/** What a list is ordered by, what of it stands in a cursor, and how a cursor's value is read. */
const ORDER: Record<
  Sort,
  { by: string; type: string; value: z.ZodType<string>; of(row: ChannelSummary): string }
> = {
  name: { by: 'c.name', type: 'text', value: z.string().max(255), of: ({ name }) => name },
  id: { by: 'c.id', type: 'int', value: z.string().regex(/^\d{1,9}$/), of: ({ id }) => String(id) },
  // Those that never had a message are the oldest.
  lastMessageAt: {
    by: "coalesce(h.last_at, '-infinity')",
    type: 'timestamptz',
    value: z.union([TIME, z.literal('-infinity')]),
    of: ({ lastMessageAt }) => lastMessageAt ?? '-infinity',
  },
  messages: {
    by: '(h.next_key - t.first_key)',
    type: 'bigint',
    value: WHOLE,
    of: ({ messages }) => String(messages),
  },
};

const COLUMNS = `c.id, c.owner_id, c.name, c.protocol_name, c.enabled, c.topic, c.configuration, c.messages_ttl, c.created_at,
  t.first_key, h.next_key, h.bytes, t.deleted_bytes, h.last_at`;
const FROM =
  'channels c JOIN channel_heads h ON h.channel_id = c.id JOIN channel_tails t ON t.channel_id = c.id';

/**
 * A page of the channels that the caller may see. The cursor is the place of the page's last one in the order: page 100
 * costs as page 1, and nothing is skipped or shown twice when channels come and go.
 * @throws invalid `badCursor`
 */
export async function listChannels(
  { database }: FastifyInstance,
  principal: Principal,
  query: z.output<typeof ChannelQuery>,
): Promise<ChannelPage> {
  const { search, sort, order, limit, cursor } = query;
  const { by, type } = ORDER[sort];
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${values.push(value)}`;
  const where = ['true'];
  const owner = isAdmin(principal) ? null : principal.userId;
  if (owner !== null) where.push(`c.owner_id = ${place(owner)}`);
  if (search !== undefined && search !== '') {
    const text = printable(search);
    const pattern = place(containing(text));
    where.push(`(c.name ILIKE ${pattern} OR c.id::text = ${place(text)})`);
  }
  if (cursor !== undefined) {
    const [value, id] = readCursor(cursor, ORDER[sort].value);
    const beyond = order === 'asc' ? '>' : '<';
    where.push(`(${by}, c.id) ${beyond} (${place(value)}::${type}, ${place(id)}::int)`);
  }
  const [{ rows }, total] = await Promise.all([
    database.pool.query<ChannelRow>(
      `SELECT ${COLUMNS} FROM ${FROM} WHERE ${where.join(' AND ')}
       ORDER BY ${by} ${order}, c.id ${order} LIMIT ${limit + 1}`,
      values,
    ),
    database.pool.query<{ total: number }>(
      'SELECT count(*)::int AS total FROM channels WHERE $1::uuid IS NULL OR owner_id = $1',
      [owner],
    ),
  ]);
  const items = rows.slice(0, limit).map(presentSummary);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > limit && last !== undefined ? cursorOf(ORDER[sort].of(last), last.id) : null,
    total: total.rows[0]?.total ?? 0,
  };
}

/** One channel with what it holds. @throws notFound */
export async function loadChannel({ database }: FastifyInstance, id: number): Promise<Channel> {
  const { rows } = await database.pool.query<ChannelRow>(`SELECT ${COLUMNS} FROM ${FROM} WHERE c.id = $1`, [
    id,
  ]);
  if (rows[0] === undefined) throw notFound('This channel');
  return presentChannel(rows[0]);
}
