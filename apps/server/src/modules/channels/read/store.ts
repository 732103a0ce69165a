import type { Pool } from 'pg';
import type { Bounds, StoredChannelMessage } from '../store.js';

/** What a read may give at most: messages, and bytes of their texts (soft: at least one message). */
export interface ReadLimits {
  limitCount: number;
  limitSize: number;
}

/** A page in the order of the keys. */
export interface KeyRead extends ReadLimits {
  /** Messages with this key or a greater one; what is out of bounds is taken as the nearest bound. */
  from: number;
}

/** A page in the order of the messages' own times. */
export interface TimeRead extends ReadLimits {
  /** Seconds since 1970, both included. */
  from?: number;
  to?: number;
  /** Latest first. */
  reverse?: boolean;
}

/** A page before it is made into anything: texts alone. */
export interface TextPage {
  /** The messages' texts with commas between them. */
  text: string;
  count: number;
  /** Where the next page begins. */
  nextKey: number;
}

/** Where a channel begins and ends: seen by the same snapshot as its messages. */
const BOUNDS = `
  SELECT h.next_key, greatest(t.first_key, least($2::bigint, h.next_key)) AS start, t.first_key
  FROM channel_heads h JOIN channel_tails t USING (channel_id) WHERE h.channel_id = $1`;

/**
 * Rows up to a count, then up to a size: a long message is fetched from where it lies only when it is given out. The
 * scan begins at the first key that is there, however many rows below wait for the sweeper.
 */
const PAGE = `
  SELECT * FROM (
    SELECT key, ident, "timestamp", at, message, bytes,
      sum(bytes) OVER (ORDER BY key ROWS UNBOUNDED PRECEDING) - bytes AS before
    FROM (
      SELECT key, ident, "timestamp", at, message, bytes FROM channel_messages
      WHERE channel_id = $1 AND key >= (SELECT start FROM bounds) ORDER BY key LIMIT $3
    ) limited
  ) summed WHERE before < $4`;

const READ_ROWS = `
WITH bounds AS MATERIALIZED (${BOUNDS}), page AS (${PAGE})
SELECT b.first_key, b.next_key, b.start, p.key, p.ident, p."timestamp", p.at, p.message::text AS message, p.bytes
FROM bounds b LEFT JOIN page p ON true ORDER BY p.key`;

const READ_TEXT = `
WITH bounds AS MATERIALIZED (${BOUNDS}), page AS (${PAGE})
SELECT b.first_key, b.next_key, b.start, p.text, p.count
FROM bounds b, (SELECT coalesce(string_agg(message::text, ',' ORDER BY key), '') AS text, count(*)::int AS count FROM page) p`;

interface BoundsRow {
  first_key: string;
  next_key: string;
  start: string;
}
interface PageRow extends BoundsRow {
  key: string | null;
  ident: string;
  timestamp: number;
  at: Date;
  message: string;
  bytes: number;
}

/** @returns undefined when the channel is no more */
export async function readRows(
  pool: Pool,
  channelId: number,
  { from, limitCount, limitSize }: KeyRead,
): Promise<{ messages: StoredChannelMessage[]; start: number; bounds: Bounds } | undefined> {
  const { rows } = await pool.query<PageRow>({
    name: 'channel-read-rows',
    text: READ_ROWS,
    values: [channelId, from, limitCount, limitSize],
  });
  const first = rows[0];
  if (first === undefined) return undefined;
  return {
    messages: first.key === null ? [] : rows.map(stored),
    start: Number(first.start),
    bounds: boundsOf(first),
  };
}

/** The same as texts alone, which the database joins. @returns undefined when the channel is no more */
export async function readText(
  pool: Pool,
  channelId: number,
  { from, limitCount, limitSize }: KeyRead,
): Promise<(TextPage & { bounds: Bounds }) | undefined> {
  const { rows } = await pool.query<BoundsRow & { text: string; count: number }>({
    name: 'channel-read-text',
    text: READ_TEXT,
    values: [channelId, from, limitCount, limitSize],
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  const { text, count } = row;
  // Keys have no gaps.
  return { text, count, nextKey: Number(row.start) + count, bounds: boundsOf(row) };
}

/** Messages in the order of their own times; those with the same time in the order of their keys. */
export async function readByTime(
  pool: Pool,
  channelId: number,
  { from, to, reverse = false, limitCount, limitSize }: TimeRead,
): Promise<StoredChannelMessage[]> {
  const order = reverse ? 'DESC' : 'ASC';
  const { rows } = await pool.query<PageRow>({
    name: `channel-read-time-${order}`,
    text: `
      SELECT key, ident, "timestamp", at, message::text AS message, bytes FROM (
        SELECT *, sum(bytes) OVER (ORDER BY "timestamp" ${order}, key ${order} ROWS UNBOUNDED PRECEDING) - bytes AS before
        FROM (
          SELECT key, ident, "timestamp", at, message, bytes FROM channel_messages
          WHERE channel_id = $1 AND "timestamp" >= $2 AND "timestamp" <= $3
            AND key >= (SELECT first_key FROM channel_tails WHERE channel_id = $1)
          ORDER BY "timestamp" ${order}, key ${order} LIMIT $4
        ) limited
      ) summed WHERE before < $5 ORDER BY "timestamp" ${order}, key ${order}`,
    values: [channelId, from ?? 0, to ?? Number.POSITIVE_INFINITY, limitCount, limitSize],
  });
  return rows.map(stored);
}

/** Messages below a key, newest first. */
export async function readBackwards(
  pool: Pool,
  channelId: number,
  { before, limitCount, limitSize }: ReadLimits & { before: number },
): Promise<StoredChannelMessage[]> {
  const { rows } = await pool.query<PageRow>({
    name: 'channel-read-backwards',
    text: `
      SELECT key, ident, "timestamp", at, message::text AS message, bytes FROM (
        SELECT *, sum(bytes) OVER (ORDER BY key DESC ROWS UNBOUNDED PRECEDING) - bytes AS before
        FROM (
          SELECT key, ident, "timestamp", at, message, bytes FROM channel_messages
          WHERE channel_id = $1 AND key < $2 AND key >= (SELECT first_key FROM channel_tails WHERE channel_id = $1)
          ORDER BY key DESC LIMIT $3
        ) limited
      ) summed WHERE before < $4 ORDER BY key DESC`,
    values: [channelId, before, limitCount, limitSize],
  });
  return rows.map(stored);
}

const stored = ({ key, ident, timestamp, at, message, bytes }: PageRow): StoredChannelMessage => ({
  key: Number(key),
  ident,
  timestamp,
  at,
  json: message,
  bytes,
});

const boundsOf = ({ first_key, next_key }: BoundsRow): Bounds => ({
  firstKey: Number(first_key),
  nextKey: Number(next_key),
});
