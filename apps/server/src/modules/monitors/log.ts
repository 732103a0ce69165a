import type { Pool } from 'pg';
import { bounds, type EventRow, eventOf } from '#core/events/store.js';
import type { RecordedEvent } from '#core/events/types.js';

/** A part of the log, as far as some owners have to do with it. */
export interface LogWindow {
  /** Of the owners, oldest first. */
  events: RecordedEvent[];
  /** Events that were looked at, and ids of the first and the last of them; undefined: there was none. */
  count: number;
  first: number | undefined;
  last: number | undefined;
  /** There may be more than was looked at. */
  full: boolean;
}

/**
 * Looks at up to `limit` events of the log behind an event.
 * @param end which end of what is behind it: the first ones, or the newest
 */
export async function lookAtLog(
  pool: Pool,
  owners: string[],
  after: number,
  end: 'first' | 'newest',
  limit: number,
): Promise<LogWindow> {
  const { rows } = await pool.query<EventRow & { count: number; first: string | null; last: string | null }>({
    name: `monitors-look-${end}`,
    text: `WITH page AS MATERIALIZED (
        SELECT * FROM events WHERE id > $1 ORDER BY id ${end === 'first' ? 'ASC' : 'DESC'} LIMIT $3
      ), ends AS (SELECT count(*)::int AS count, min(id) AS first, max(id) AS last FROM page)
      SELECT e.count, e.first, e.last, p.id, p.owner_id, p.topic, p.operation, p."group", p.at, p.payload
      FROM ends e LEFT JOIN page p ON p.owner_id = ANY ($2::uuid[]) ORDER BY p.id`,
    values: [after, owners, limit],
  });
  const [ends] = rows;
  return {
    events: rows.filter(({ id }) => id !== null).map(eventOf),
    count: ends?.count ?? 0,
    first: ends?.first == null ? undefined : Number(ends.first),
    last: ends?.last == null ? undefined : Number(ends.last),
    full: ends?.count === limit,
  };
}

/** An event’s time is when its transaction began, its place in the log when that ended: longest time between them. */
export const DISORDER_MS = 60_000;

/** Id of the first event at or after a time; undefined: there is none. The log is searched by halves. */
export async function firstEventSince(pool: Pool, since: Date): Promise<number | undefined> {
  const surely = since.getTime() - DISORDER_MS;
  const { oldest, newest } = await bounds(pool);
  let [from, to] = [oldest, newest + 1];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const { rows } = await pool.query<{ id: string; at: Date }>({
      name: 'monitors-event-time',
      text: 'SELECT id, at FROM events WHERE id >= $1 ORDER BY id LIMIT 1',
      values: [middle],
    });
    const [found] = rows;
    if (found !== undefined && found.at.getTime() < surely) from = Number(found.id) + 1;
    else to = middle;
  }
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM events WHERE id >= $1 AND at >= $2 ORDER BY id LIMIT 1',
    [from, since],
  );
  return rows[0] === undefined ? undefined : Number(rows[0].id);
}

/** Time of the oldest event that is kept. */
export async function logBegins(pool: Pool): Promise<Date | undefined> {
  const { rows } = await pool.query<{ at: Date }>('SELECT at FROM events ORDER BY id LIMIT 1');
  return rows[0]?.at;
}
