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
