import type { MonitorPage, MonitorQuery, MonitorSummary } from '@polyrelay/contract';
import { Timestamp } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { containing, cursorOf, readCursor } from '#core/cursors.js';
import { isAdmin, type Principal } from '#core/principal.js';
import { printable } from '#core/text.js';
import { lagsOf } from './lag.js';
import { presentSummary } from './present.js';
import { STATE, STATE_TABLES, STATUS, type StateRow, stateOf } from './status.js';

type Sort = z.output<typeof MonitorQuery>['sort'];

/** PostgreSQL knows no year 0. */
const TIME = Timestamp.refine((time) => !time.startsWith('0000'));

/** What a list is ordered by, what of it stands in a cursor, and how a cursor's value is read. */
const ORDER: Record<
  Sort,
  { by: string; type: string; value: z.ZodType<string>; of(item: MonitorSummary): string }
> = {
  id: { by: 'm.id', type: 'int', value: z.string().regex(/^\d{1,9}$/), of: ({ id }) => String(id) },
  // A cursor is short: it holds the beginning of the topic, and the id decides between those that share it.
  topic: {
    by: 'left(m.topic, 30)',
    type: 'text',
    value: z.string().max(30),
    of: ({ topic }) => beginning(topic),
  },
  // Those that never sent anything are the oldest.
  lastSent: {
    by: "coalesce(p.last_sent, '-infinity')",
    type: 'timestamptz',
    value: z.union([TIME, z.literal('-infinity')]),
    of: ({ lastSent }) => lastSent ?? '-infinity',
  },
  createdAt: { by: 'm.created_at', type: 'timestamptz', value: TIME, of: ({ createdAt }) => createdAt },
};

/** As PostgreSQL counts characters. */
const beginning = (text: string): string => [...text].slice(0, 30).join('');

interface Row extends StateRow {
  id: number;
  owner_id: string;
  topic: string;
  description: string;
  transport_type: MonitorSummary['transportType'];
  format_type: MonitorSummary['formatType'];
  ack_option: 'off' | 'explicit';
  auto_replay_on_connect: boolean;
  created_at: Date;
}

/**
 * A page of the monitors that the caller may see. The cursor is the place of the page's last one in the order: page 100
 * costs as page 1, and nothing is skipped or shown twice when monitors come and go.
 * @throws invalid `badCursor`
 */
export async function listMonitors(
  app: FastifyInstance,
  principal: Principal,
  query: z.output<typeof MonitorQuery>,
): Promise<MonitorPage> {
  const { limit, sort } = query;
  const owner = isAdmin(principal) ? null : principal.userId;
  const { text, values } = statement(owner, query);
  const [{ rows }, total] = await Promise.all([
    app.database.pool.query<Row>(text, values),
    app.database.pool.query<{ total: number }>(
      'SELECT count(*)::int AS total FROM monitors WHERE $1::uuid IS NULL OR owner_id = $1',
      [owner],
    ),
  ]);
  const shown = rows.slice(0, limit).map(monitorOf);
  const lags = await lagsOf(app, shown);
  const items = shown.map((monitor, i) => presentSummary(monitor, lags[i]));
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > limit && last !== undefined ? cursorOf(ORDER[sort].of(last), last.id) : null,
    total: total.rows[0]?.total ?? 0,
  };
}

function statement(
  owner: string | null,
  { search, status, sort, order, limit, cursor }: z.output<typeof MonitorQuery>,
): { text: string; values: unknown[] } {
  const { by, type, value } = ORDER[sort];
  const values: unknown[] = [];
  const place = (given: unknown): string => `$${values.push(given)}`;
  const where = ['true'];
  if (owner !== null) where.push(`m.owner_id = ${place(owner)}`);
  if (search !== undefined && search !== '') {
    const text = printable(search);
    const pattern = place(containing(text));
    where.push(`(m.topic ILIKE ${pattern} OR m.description ILIKE ${pattern} OR m.id::text = ${place(text)})`);
  }
  if (status !== undefined) where.push(`${STATUS} = ${place(status)}`);
  if (cursor !== undefined) {
    const [from, id] = readCursor(cursor, value);
    const beyond = order === 'asc' ? '>' : '<';
    where.push(`(${by}, m.id) ${beyond} (${place(from)}::${type}, ${place(id)}::int)`);
  }
  const text = `SELECT m.id, m.owner_id, m.topic, m.description, m.transport_type, m.format_type, m.ack_option,
      m.auto_replay_on_connect, m.created_at, ${STATE}
    FROM ${STATE_TABLES} WHERE ${where.join(' AND ')} ORDER BY ${by} ${order}, m.id ${order} LIMIT ${limit + 1}`;
  return { text, values };
}

const monitorOf = (row: Row) => ({
  ...stateOf(row),
  id: row.id,
  ownerId: row.owner_id,
  topic: row.topic,
  description: row.description,
  transportType: row.transport_type,
  formatType: row.format_type,
  ackOption: row.ack_option,
  autoReplayOnConnect: row.auto_replay_on_connect,
  createdAt: row.created_at,
});
