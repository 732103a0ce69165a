import type { QueryResult } from 'pg';
import type { NewEvent, RecordedEvent } from './types.js';

/** One writer at a time, until its commit: so `id` is the order of commit and a cursor never skips a row. */
const WRITER_LOCK = 7_410_222;

const APPEND = `
WITH writer AS MATERIALIZED (SELECT pg_advisory_xact_lock(${WRITER_LOCK}))
INSERT INTO events (owner_id, topic, operation, "group", payload)
SELECT e.owner_id, e.topic, e.operation, e."group", e.payload
FROM writer, unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
  AS e(owner_id, topic, operation, "group", payload)
RETURNING id, at`;

/**
 * The end of a statement that records what its common table expressions did. They name the facts
 * `facts (n, owner_id, topic, operation, payload)`, of which `n` is the order, and make them wait for all their other
 * changes: the writer lock is the last one taken, as everywhere, so that nobody waits for another in a circle.
 */
export const appendFacts = (columns: string): string => `, writer AS MATERIALIZED (
  SELECT pg_advisory_xact_lock(${WRITER_LOCK}) FROM (SELECT count(*) FROM facts) AS all_facts
), appended AS (
  INSERT INTO events (owner_id, topic, operation, payload)
  SELECT f.owner_id, f.topic, f.operation, f.payload FROM writer, facts AS f ORDER BY f.n
  RETURNING id, at
)
SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') AS event_ids, min(at) AS recorded_at, ${columns} FROM appended`;

/** What {@link appendFacts} tells: the ids of the facts, in their order, and when they were recorded. */
export interface AppendedRow {
  event_ids: string;
  recorded_at: Date | null;
}

/** The same as rows. */
export const appendedRows = ({ event_ids: ids, recorded_at: at }: AppendedRow): { id: string; at: Date }[] =>
  ids === '' || at === null ? [] : ids.split(',').map((id) => ({ id, at }));

const COLUMNS = 'id, owner_id, topic, operation, "group", at, payload';

/** A row of the log. */
export interface EventRow {
  id: string;
  owner_id: string | null;
  topic: string;
  operation: RecordedEvent['operation'];
  group: string;
  at: Date;
  payload: Record<string, unknown>;
}

/** Anything that runs SQL: a pool, a connection in a transaction. */
export interface Queryable {
  query<R extends object>(text: string, values?: unknown[]): Promise<Pick<QueryResult<R>, 'rows'>>;
}

/** The statement that appends events, with its parameters: the last one of a transaction. */
export function appendStatement(events: NewEvent[]): { text: string; values: unknown[][] } {
  return {
    text: APPEND,
    values: [
      events.map((event) => event.ownerId),
      events.map((event) => event.topic),
      events.map((event) => event.operation),
      events.map((event) => event.group ?? '*'),
      events.map((event) => JSON.stringify(event.payload ?? {})),
    ],
  };
}

/** Joins events with the ids the database gave them, in the same order. */
export function recorded(events: NewEvent[], rows: { id: string | bigint; at: Date }[]): RecordedEvent[] {
  return events.map((event, i) => {
    const row = rows[i];
    return {
      id: Number(row?.id),
      at: row?.at ?? new Date(),
      ownerId: event.ownerId,
      topic: event.topic,
      operation: event.operation,
      group: event.group ?? '*',
      payload: event.payload ?? {},
    };
  });
}

/** Events after `after`, oldest first. */
export async function readAfter(db: Queryable, after: number, limit: number): Promise<RecordedEvent[]> {
  const { rows } = await db.query<EventRow>(
    `SELECT ${COLUMNS} FROM events WHERE id > $1 ORDER BY id LIMIT $2`,
    [after, limit],
  );
  return rows.map(eventOf);
}

/** Events before `before` (null: the newest), newest first. */
export async function readBefore(
  db: Queryable,
  before: number | null,
  limit: number,
): Promise<RecordedEvent[]> {
  const { rows } = await db.query<EventRow>(
    `SELECT ${COLUMNS} FROM events WHERE id < coalesce($1::bigint, 9223372036854775807) ORDER BY id DESC LIMIT $2`,
    [before, limit],
  );
  return rows.map(eventOf);
}

/** Id of the newest event, 0 when there is none; and of the oldest that is kept. */
export async function bounds(db: Queryable): Promise<{ oldest: number; newest: number }> {
  const { rows } = await db.query<{ oldest: string; newest: string }>(
    'SELECT coalesce(min(id), 0) AS oldest, coalesce(max(id), 0) AS newest FROM events',
  );
  return { oldest: Number(rows[0]?.oldest ?? 0), newest: Number(rows[0]?.newest ?? 0) };
}

/** Deletes up to `limit` events older than `days`. @returns how many went */
export async function deleteOlder(db: Queryable, days: number, limit: number): Promise<number> {
  const { rows } = await db.query<{ id: string }>(
    // The oldest rows alone are looked at: with nothing to delete this costs the same however long the log is.
    `DELETE FROM events WHERE id IN (
       SELECT id FROM (SELECT id, at FROM events ORDER BY id LIMIT $2) oldest
       WHERE at < now() - make_interval(days => $1)
     ) RETURNING id`,
    [days, limit],
  );
  return rows.length;
}

/** A row as an event. */
export const eventOf = (row: EventRow): RecordedEvent => ({
  id: Number(row.id),
  ownerId: row.owner_id,
  topic: row.topic,
  operation: row.operation,
  group: row.group,
  at: row.at,
  payload: row.payload,
});
