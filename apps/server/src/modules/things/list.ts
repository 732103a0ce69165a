import type { ThingCounts, ThingPage, ThingQuery, ThingSort, ThingSummary } from '@polyrelay/contract';
import { Id, Timestamp } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { DomainError } from '#core/errors.js';
import { isAdmin, type Principal } from '#core/principal.js';
import { printable } from '#core/text.js';

const VERIFIED = '(t.test_collected_at IS NOT NULL AND t.test_published_at IS NOT NULL)';

const STATUS: Record<NonNullable<z.output<typeof ThingQuery>['status']>, string> = {
  created: `NOT ${VERIFIED}`,
  verified: VERIFIED,
  disabled: 'NOT t.enabled',
  connected: 'a.connected',
};

/** PostgreSQL knows no year 0. */
const TIME = Timestamp.refine((time) => !time.startsWith('0000'));

/** What a list is ordered by, what of it stands in a cursor, and how a cursor's value is read. */
const ORDER: Record<ThingSort, { by: string; type: string; value: z.ZodType<string> }> = {
  name: { by: 't.name', type: 'text', value: z.string().regex(/^[\w-]*$/) },
  createdAt: { by: 't.created_at', type: 'timestamptz', value: TIME },
  // Those never seen are the oldest.
  lastSeenAt: {
    by: "coalesce(a.last_seen_at, '-infinity')",
    type: 'timestamptz',
    value: z.union([TIME, z.literal('-infinity')]),
  },
  collected: { by: 'a.collected', type: 'bigint', value: z.string().regex(/^\d{1,18}$/) },
  published: { by: 'a.published', type: 'bigint', value: z.string().regex(/^\d{1,18}$/) },
};

interface ListRow {
  id: string;
  owner_id: string;
  name: string;
  type: string;
  enabled: boolean;
  created_at: Date;
  verified: boolean;
  connected: boolean;
  last_seen_at: Date | null;
  collected: string;
  published: string;
}

/**
 * A page of the things that the caller may see. The cursor is the place of the page's last one in the order, not its
 * number: page 100 costs as page 1, and nothing is skipped or shown twice when things come and go.
 * @throws invalid `badCursor`
 */
export async function listThings(
  { database }: FastifyInstance,
  principal: Principal,
  query: z.output<typeof ThingQuery>,
): Promise<ThingPage> {
  const { search, status, sort, order, limit, cursor } = query;
  const { by, type } = ORDER[sort];
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${values.push(value)}`;
  const where = ['NOT t.deleting'];
  if (!isAdmin(principal)) where.push(`t.owner_id = ${place(principal.userId)}`);
  if (status !== undefined) where.push(STATUS[status]);
  if (search !== undefined && search !== '') {
    const pattern = place(`%${printable(search).replace(/[\\%_]/g, '\\$&')}%`);
    where.push(`(t.name ILIKE ${pattern} OR t.type ILIKE ${pattern})`);
  }
  if (cursor !== undefined) {
    const [value, id] = readCursor(sort, cursor);
    const beyond = order === 'asc' ? '>' : '<';
    where.push(`(${by}, t.id) ${beyond} (${place(value)}::${type}, ${place(id)}::uuid)`);
  }
  const { rows } = await database.pool.query<ListRow>(
    `SELECT t.id, t.owner_id, t.name, t.type, t.enabled, t.created_at, ${VERIFIED} AS verified,
            a.connected, a.last_seen_at, a.collected, a.published
     FROM things t JOIN thing_activity a ON a.thing_id = t.id
     WHERE ${where.join(' AND ')} ORDER BY ${by} ${order}, t.id ${order} LIMIT ${limit + 1}`,
    values,
  );
  const items = rows.slice(0, limit).map(present);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? cursorOf(sort, last) : null };
}

/** How many things the caller may see, by state. */
export async function countThings(
  { database }: FastifyInstance,
  principal: Principal,
): Promise<z.infer<typeof ThingCounts>> {
  const { rows } = await database.pool.query<z.infer<typeof ThingCounts>>(
    `SELECT count(*)::int AS total, count(*) FILTER (WHERE ${STATUS.created})::int AS created,
            count(*) FILTER (WHERE ${VERIFIED})::int AS verified,
            count(*) FILTER (WHERE ${STATUS.disabled})::int AS disabled,
            count(*) FILTER (WHERE ${STATUS.connected})::int AS connected
     FROM things t JOIN thing_activity a ON a.thing_id = t.id
     WHERE NOT t.deleting AND ($1::uuid IS NULL OR t.owner_id = $1)`,
    [isAdmin(principal) ? null : principal.userId],
  );
  return rows[0] as z.infer<typeof ThingCounts>;
}

const present = (row: ListRow): ThingSummary => ({
  id: row.id,
  ownerId: row.owner_id,
  name: row.name,
  type: row.type,
  status: row.verified ? 'verified' : 'created',
  enabled: row.enabled,
  connected: row.connected,
  lastSeenAt: row.last_seen_at?.toISOString() ?? null,
  collected: Number(row.collected),
  published: Number(row.published),
  createdAt: row.created_at.toISOString(),
});

const cursorOf = (sort: ThingSort, thing: ThingSummary): string =>
  Buffer.from(JSON.stringify([String(thing[sort] ?? '-infinity'), thing.id])).toString('base64url');

function readCursor(sort: ThingSort, cursor: string): [value: string, id: string] {
  try {
    return z.tuple([ORDER[sort].value, Id]).parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    const message = 'Take “cursor” from “nextCursor” of the page before, with the same sort and order.';
    throw new DomainError('invalid', 'badCursor', message, { cause, errors: [{ path: 'cursor', message }] });
  }
}
