import type { Pool } from 'pg';

/** A channel's keys, and which of them the sweeper has to do with. */
export interface SweepRow {
  id: number;
  messages_ttl: number;
  /** Rows below it are gone. */
  deleted_messages: string;
  first_key: string;
  next_key: string;
  /** When the message with the first key came, in ms before now by the database's clock; null: there is none. */
  age: number | null;
}

const AGE = '(extract(epoch FROM clock_timestamp() - at) * 1000)::float8';

/** Channels that hold messages, or rows of messages that are deleted. */
export async function channelsToSweep(pool: Pool): Promise<SweepRow[]> {
  const { rows } = await pool.query<SweepRow>(
    `SELECT c.id, c.messages_ttl, t.deleted_messages, t.first_key, h.next_key,
       (SELECT ${AGE} FROM channel_messages WHERE channel_id = c.id AND key = t.first_key) AS age
     FROM channels c JOIN channel_heads h ON h.channel_id = c.id JOIN channel_tails t ON t.channel_id = c.id
     WHERE t.first_key < h.next_key OR t.deleted_messages < t.first_key ORDER BY c.id`,
  );
  return rows;
}

/** When the message with this key came, in ms before now by the database's clock; undefined: there is no such row. */
export async function ageOf(pool: Pool, channelId: number, key: number): Promise<number | undefined> {
  const { rows } = await pool.query<{ age: number }>({
    name: 'channel-age',
    text: `SELECT ${AGE} AS age FROM channel_messages WHERE channel_id = $1 AND key = $2`,
    values: [channelId, key],
  });
  return rows[0]?.age;
}

/**
 * Deletes rows of deleted messages, at most `limit`. It begins where it ended, not at what the index still says of rows
 * that are gone.
 * @returns whether there are more
 */
export async function deleteRows(pool: Pool, channelId: number, limit: number): Promise<boolean> {
  const { rows } = await pool.query<{ more: boolean }>({
    name: 'channel-delete-rows',
    text: `
      WITH span AS MATERIALIZED (
        SELECT deleted_messages AS low, least(deleted_messages + $2, first_key) AS high
        FROM channel_tails WHERE channel_id = $1
      ), deleted AS (
        DELETE FROM channel_messages m USING span
        WHERE m.channel_id = $1 AND m.key >= span.low AND m.key < span.high RETURNING m.bytes
      ), sum AS MATERIALIZED (SELECT coalesce(sum(bytes), 0) AS bytes FROM deleted)
      UPDATE channel_tails t SET deleted_messages = greatest(t.deleted_messages, span.high),
        deleted_bytes = t.deleted_bytes + sum.bytes
      FROM span, sum WHERE t.channel_id = $1 RETURNING span.high < t.first_key AS more`,
    values: [channelId, limit],
  });
  return rows[0]?.more ?? false;
}

/** Deletes rows of a channel that is no more, at most `limit`. @returns the greatest key, null when none is left */
export async function deleteOrphans(
  pool: Pool,
  channelId: number,
  from: number,
  limit: number,
): Promise<number | null> {
  const { rows } = await pool.query<{ last: string | null }>({
    name: 'channel-delete-orphans',
    text: `
      WITH deleted AS (
        DELETE FROM channel_messages WHERE channel_id = $1 AND key = ANY (ARRAY(
          SELECT key FROM channel_messages WHERE channel_id = $1 AND key >= $2 ORDER BY key LIMIT $3
        )) RETURNING key
      ) SELECT max(key) AS last FROM deleted`,
    values: [channelId, from, limit],
  });
  const last = rows[0]?.last ?? null;
  return last === null ? null : Number(last);
}

/** Ids of channels that are no more and have rows: goes from one id in the index to the next. */
export async function orphanedChannels(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(`
    WITH RECURSIVE ids AS (
      (SELECT channel_id AS id FROM channel_messages ORDER BY channel_id LIMIT 1)
      UNION ALL
      SELECT (SELECT channel_id FROM channel_messages WHERE channel_id > ids.id ORDER BY channel_id LIMIT 1)
      FROM ids WHERE ids.id IS NOT NULL
    )
    SELECT id FROM ids WHERE id IS NOT NULL AND NOT EXISTS (SELECT FROM channels c WHERE c.id = ids.id)`);
  return rows.map(({ id }) => id);
}
