import type { Pool, PoolClient } from 'pg';
import { type EventRow, eventOf } from './store.js';
import type { RecordedEvent } from './types.js';

/** Events of the log that one page looks at. */
export const LOOKED_AT = 1000;

/** First key of the advisory locks of followers; the second is made of the name. */
const FOLLOWER_LOCK = 7_410_223;

/** A follower’s place in the log, kept in the database. */
export class Cursor {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** Makes it at the log’s end where there is none, and moves it to `after` if it is not that far. @returns its place */
  async open(pool: Pool, after: number): Promise<number> {
    await pool.query(
      `INSERT INTO event_cursors AS c (name, position)
       SELECT $1, greatest($2::bigint, (SELECT max(id) FROM events), 0)
       ON CONFLICT (name) DO UPDATE SET position = $2 WHERE c.position < $2`,
      [this.#name, after],
    );
    return (await this.#read(pool)) ?? 0;
  }

  /**
   * Takes the lock of the name until the transaction ends. No row is locked: a transaction that changes nothing writes
   * nothing.
   * @returns its place; undefined when another replica has the lock
   */
  async lock(client: PoolClient): Promise<number | undefined> {
    // The place is read by a statement of its own: one that began before the lock was given could see an old one.
    const [{ rows }, position] = await Promise.all([
      client.query<{ locked: boolean }>({
        name: 'follower-lock',
        text: `SELECT pg_try_advisory_xact_lock(${FOLLOWER_LOCK}, hashtext($1)) AS locked`,
        values: [this.#name],
      }),
      this.#read(client),
    ]);
    return rows[0]?.locked === true ? position : undefined;
  }

  /** Moves it on. */
  async move(client: PoolClient, position: number): Promise<void> {
    await client.query({
      name: 'follower-move',
      text: 'UPDATE event_cursors SET position = $2 WHERE name = $1 AND position < $2',
      values: [this.#name, position],
    });
  }

  async #read(db: Pool | PoolClient): Promise<number | undefined> {
    const { rows } = await db.query<{ position: string }>({
      name: 'follower-position',
      text: 'SELECT position FROM event_cursors WHERE name = $1',
      values: [this.#name],
    });
    return rows[0] && Number(rows[0].position);
  }
}

/** A part of the log. */
export interface LogPage {
  /** Those whose topics are meant. */
  events: RecordedEvent[];
  /** Events it looked at, id of the first (undefined: there was none) and of the last. */
  count: number;
  first: number | undefined;
  last: number;
}

/** Looks at the next events behind `after`; only those whose topic matches leave the database. */
export async function readLogPage(pool: Pool, after: number, topics: string): Promise<LogPage> {
  const { rows } = await pool.query<
    EventRow & { count: number; first: string; last: string; meant: boolean }
  >({
    name: 'follower-page',
    text: `WITH page AS MATERIALIZED (SELECT * FROM events WHERE id > $1 ORDER BY id LIMIT ${LOOKED_AT}),
      ends AS (SELECT count(*)::int AS count, min(id) AS first, max(id) AS last FROM page)
      SELECT e.count, e.first, e.last, p.id IS NOT NULL AS meant, p.id, p.owner_id, p.topic, p.operation, p."group", p.at, p.payload
      FROM ends e LEFT JOIN page p ON p.topic ~ $2 ORDER BY p.id`,
    values: [after, topics],
  });
  const ends = rows[0];
  if (ends === undefined || ends.count === 0) return { events: [], count: 0, first: undefined, last: after };
  return {
    events: rows.filter(({ meant }) => meant).map(eventOf),
    count: ends.count,
    first: Number(ends.first),
    last: Number(ends.last),
  };
}

/**
 * Whether events between two that follow each other here may have been deleted. Ids have gaps anyway, but as long as
 * the one before is there nothing behind it is gone, because the oldest go first.
 */
export async function wasDeleted(pool: Pool, before: number, next: number): Promise<boolean> {
  if (before === 0 || next === before + 1) return false;
  const { rows } = await pool.query('SELECT FROM events WHERE id = $1', [before]);
  return rows.length === 0;
}

/** MQTT filters as one regular expression of PostgreSQL. */
export const regexOf = (filters: string[]): string => `^(?:${filters.map(levelsOf).join('|')})$`;

const levelsOf = (filter: string): string =>
  filter
    .split('/')
    .map((level, i) => {
      if (level === '#') return i === 0 ? '.*' : '(?:/.*)?';
      return (i === 0 ? '' : '/') + (level === '+' ? '[^/]*' : level.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    })
    .join('');
