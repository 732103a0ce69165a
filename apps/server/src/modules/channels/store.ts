import type { Appended } from '@polyrelay/contract';
import type { Pool, PoolClient } from 'pg';

/** A message on its way into a channel. */
export interface NewChannelMessage {
  ident: string;
  /** Seconds since 1970, as the message says. */
  timestamp: number;
  /** The JSON text of the object, as it came. */
  json: string;
  bytes: number;
}

/** A message of a channel. */
export interface StoredChannelMessage {
  key: number;
  ident: string;
  timestamp: number;
  at: Date;
  json: string;
  bytes: number;
}

/**
 * Whoever adds to a channel holds its head until the commit: another writer waits, so a smaller key is never committed
 * after a greater one. Times do not go back either, whatever the clock does.
 */
const APPEND = `
WITH head AS MATERIALIZED (
  UPDATE channel_heads SET next_key = next_key + $6, bytes = bytes + $7,
    last_at = greatest(last_at, clock_timestamp()::timestamptz(3))
  WHERE channel_id = $1 RETURNING next_key - $6 AS first, last_at
), stored AS (
  INSERT INTO channel_messages (channel_id, key, ident, timestamp, at, message, bytes)
  SELECT $1, head.first + m.n - 1, m.ident, m.timestamp, head.last_at, m.message, m.bytes
  FROM head, unnest($2::text[], $3::float8[], $4::json[], $5::int[])
    WITH ORDINALITY AS m(ident, timestamp, message, bytes, n)
)
SELECT first FROM head`;

/** Adds messages in a transaction. @returns their keys; undefined when the channel is no more */
export async function appendMessages(
  client: PoolClient,
  channelId: number,
  messages: NewChannelMessage[],
): Promise<Appended | undefined> {
  const { rows } = await client.query<{ first: string }>({
    name: 'channel-append',
    text: APPEND,
    values: [
      channelId,
      messages.map(({ ident }) => ident),
      messages.map(({ timestamp }) => timestamp),
      messages.map(({ json }) => json),
      messages.map(({ bytes }) => bytes),
      messages.length,
      sumOfBytes(messages),
    ],
  });
  const first = rows[0];
  if (first === undefined) return undefined;
  const firstKey = Number(first.first);
  return { firstKey, lastKey: firstKey + messages.length - 1, count: messages.length };
}

export const sumOfBytes = (messages: { bytes: number }[]): number =>
  messages.reduce((sum, { bytes }) => sum + bytes, 0);

/** How far a channel goes: key of the oldest message there may be, and of the next one to come. */
export interface Bounds {
  firstKey: number;
  nextKey: number;
}

export async function readBounds(db: Pool | PoolClient, channelId: number): Promise<Bounds | undefined> {
  const { rows } = await db.query<{ first_key: string; next_key: string }>({
    name: 'channel-bounds',
    text: 'SELECT t.first_key, h.next_key FROM channel_heads h JOIN channel_tails t USING (channel_id) WHERE h.channel_id = $1',
    values: [channelId],
  });
  const row = rows[0];
  return row && { firstKey: Number(row.first_key), nextKey: Number(row.next_key) };
}
