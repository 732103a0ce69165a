import type { MessageState, MessageType } from '@polyrelay/contract';
import type { Pool, PoolClient } from 'pg';
import type { Place } from './cursor.js';

/** Which messages of a thing: from a moment on, before another. */
export interface Range {
  thingId: string;
  type?: MessageType | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

export interface HeadRow {
  id: string;
  thing_id: string;
  type: MessageType;
  at: Date;
  bytes: number;
  state: MessageState | null;
  state_at: Date | null;
}

/** With the beginning of the payload's text, a little more than is shown. */
export interface PreviewRow extends HeadRow {
  preview: string;
}

/** With the payload's whole text. */
export interface MessageRow extends HeadRow {
  json: string;
}

const HEAD = 'm.id, m.thing_id, m.type, m.at, m.bytes, m.state, m.state_at';
const PREVIEW = `left(m.payload::text, 501) AS preview`;

/** As an array: of a join the planner may think that it is large, and read the whole table. */
const found = (page: string): string => `m.id = ANY(ARRAY(SELECT id FROM ${page}))`;

/** The range as a condition on the index; its parameters are the first four. */
const IN_RANGE = `thing_id = $1 AND at >= coalesce($2::timestamptz, '-infinity')
  AND at < coalesce($3::timestamptz, 'infinity') AND ($4::text IS NULL OR type = $4)`;
const parameters = ({ thingId, from, to, type }: Range): unknown[] => [
  thingId,
  from ?? null,
  to ?? null,
  type ?? null,
];

/** What of a range lies behind a place: an index scan begins at the bound of `at`, not at the place itself. */
function behind(range: Range, place: Place | undefined, order: 'ASC' | 'DESC'): Range {
  if (place === undefined) return range;
  const { from, to } = range;
  if (order === 'ASC') return from !== undefined && from > place.at ? range : { ...range, from: place.at };
  return to !== undefined && to <= place.at ? range : { ...range, to: new Date(place.at.getTime() + 1) };
}

/** One page, newest first, of those older than `before`. */
export async function readPage(
  pool: Pool,
  range: Range,
  before: Place | undefined,
  limit: number,
): Promise<PreviewRow[]> {
  const { rows } = await pool.query<PreviewRow>({
    name: `messages-page-${before === undefined}`,
    // The index finds the page, with the type in it; payloads are read of that alone.
    text: `WITH page AS MATERIALIZED (
        SELECT id FROM messages WHERE ${IN_RANGE} ${before === undefined ? '' : 'AND (at, id) < ($6, $7::uuid)'}
        ORDER BY at DESC, id DESC LIMIT $5)
      SELECT ${HEAD}, ${PREVIEW} FROM messages m WHERE ${found('page')} ORDER BY m.at DESC, m.id DESC`,
    values: [
      ...parameters(behind(range, before, 'DESC')),
      limit,
      ...(before === undefined ? [] : [before.at, before.id]),
    ],
  });
  return rows;
}

/** One search looks at so many messages and bytes at the most. */
const SCAN = { rows: 2000, bytes: 4 * 1024 * 1024 };

export interface Scan {
  hits: PreviewRow[];
  /** Where to go on; null when nothing is left to look at. */
  next: Place | null;
}

/**
 * Looks for a text in payloads in any case, newest first, in a bounded part of the messages older than `before`. Here
 * and not in the database, which may know no case but that of ASCII.
 */
export async function searchPage(
  pool: Pool,
  range: Range,
  before: Place | undefined,
  limit: number,
  text: string,
): Promise<Scan> {
  const rows = await readWhole(pool, range, { place: before, limit: SCAN.rows, bytes: SCAN.bytes }, 'DESC');
  const wanted = text.toLowerCase();
  const hits: PreviewRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += row.bytes;
    if (row.json.toLowerCase().includes(wanted)) hits.push({ ...row, preview: row.json });
    if (hits.length === limit) return { hits, next: row };
  }
  const more = rows.length === SCAN.rows || bytes >= SCAN.bytes;
  return { hits, next: more ? (rows.at(-1) ?? null) : null };
}

/** A part of a range: what lies behind a place, so many messages and bytes, at least one. */
export interface Part {
  place?: Place | undefined;
  limit: number;
  bytes: number;
}

/** Whole messages, oldest or newest first. */
export async function readWhole(
  pool: Pool,
  range: Range,
  { place, limit, bytes }: Part,
  order: 'ASC' | 'DESC' = 'ASC',
): Promise<MessageRow[]> {
  const sorted = `at ${order}, id ${order}`;
  const beyond = place === undefined ? '' : `AND (at, id) ${order === 'ASC' ? '>' : '<'} ($7, $8::uuid)`;
  const { rows } = await pool.query<MessageRow>({
    name: `messages-whole-${order}-${place === undefined}`,
    text: `WITH page AS MATERIALIZED (
        SELECT id, at, bytes FROM messages WHERE ${IN_RANGE} ${beyond} ORDER BY ${sorted} LIMIT $5
      ), bounded AS MATERIALIZED (
        SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY ${sorted}) - bytes AS before FROM page) p WHERE before < $6
      )
      SELECT ${HEAD}, m.payload::text AS json FROM messages m WHERE ${found('bounded')} ORDER BY m.at ${order}, m.id ${order}`,
    values: [
      ...parameters(behind(range, place, order)),
      limit,
      bytes,
      ...(place === undefined ? [] : [place.at, place.id]),
    ],
  });
  return rows;
}

/** The texts of messages that are there, by their ids. */
export async function readTexts(pool: Pool, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ id: string; json: string }>({
    name: 'message-texts',
    text: 'SELECT id, payload::text AS json FROM messages WHERE id = ANY($1::uuid[])',
    values: [ids],
  });
  return new Map(rows.map(({ id, json }) => [id, json]));
}

export async function findMessage(pool: Pool, thingId: string, id: string): Promise<MessageRow | undefined> {
  const { rows } = await pool.query<MessageRow>(
    `SELECT ${HEAD}, m.payload::text AS json FROM messages m WHERE m.id = $2 AND m.thing_id = $1`,
    [thingId, id],
  );
  return rows[0];
}

export async function countMessages(
  pool: Pool,
  range: Range,
): Promise<{ count: number; bytes: number; oldest: Date | null; newest: Date | null }> {
  const { rows } = await pool.query<{
    count: string;
    bytes: string;
    oldest: Date | null;
    newest: Date | null;
  }>(
    `SELECT count(*), coalesce(sum(bytes), 0) AS bytes, min(at) AS oldest, max(at) AS newest
     FROM messages WHERE ${IN_RANGE}`,
    parameters(range),
  );
  const [row] = rows;
  return {
    count: Number(row?.count ?? 0),
    bytes: Number(row?.bytes ?? 0),
    oldest: row?.oldest ?? null,
    newest: row?.newest ?? null,
  };
}

/** Counts in `points` equal spans of a range, by type; spans without messages are left out. */
export async function countSpans(
  pool: Pool,
  thingId: string,
  from: Date,
  to: Date,
  points: number,
): Promise<{ type: MessageType; span: number; count: number }[]> {
  const { rows } = await pool.query<{ type: MessageType; span: number; count: number }>(
    `SELECT type, width_bucket(extract(epoch FROM at), extract(epoch FROM $2::timestamptz), extract(epoch FROM $3::timestamptz), $4::int) - 1 AS span,
       count(*)::int AS count
     FROM messages WHERE thing_id = $1 AND at >= $2 AND at < $3 GROUP BY 1, 2`,
    [thingId, from, to, points],
  );
  return rows;
}

/** What the clock of the database says, which gives messages their times. */
export async function databaseTime(pool: Pool): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('SELECT clock_timestamp()::timestamptz(3) AS now');
  return rows[0]?.now ?? new Date();
}

/** Deletes the oldest of a range. @returns how many, and the time of the newest of them */
export async function deletePage(
  client: PoolClient,
  range: Range,
  limit: number,
): Promise<{ deleted: number; until: Date | null }> {
  const { rows } = await client.query<{ deleted: number; until: Date | null }>({
    name: 'messages-delete',
    text: `WITH page AS MATERIALIZED (
        SELECT id FROM messages WHERE ${IN_RANGE} ORDER BY at, id LIMIT $5
      ), gone AS (DELETE FROM messages m USING page WHERE m.id = page.id RETURNING m.at)
      SELECT count(*)::int AS deleted, max(at) AS until FROM gone`,
    values: [...parameters(range), limit],
  });
  return rows[0] ?? { deleted: 0, until: null };
}

/** Things of a user that have messages older than `before`. */
export async function thingsWithOlder(
  pool: Pool,
  ownerId: string,
  before: Date,
): Promise<{ id: string; ownerId: string; name: string }[]> {
  const { rows } = await pool.query<{ id: string; ownerId: string; name: string }>(
    `SELECT t.id, t.owner_id AS "ownerId", t.name FROM things t
     WHERE t.owner_id = $1 AND EXISTS (SELECT FROM messages m WHERE m.thing_id = t.id AND m.at < $2)`,
    [ownerId, before],
  );
  return rows;
}

export async function ownersOfThings(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ owner_id: string }>('SELECT DISTINCT owner_id FROM things');
  return rows.map(({ owner_id }) => owner_id);
}
