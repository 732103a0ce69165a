import type { Pool, PoolClient } from 'pg';

/** A reader as it is written. */
export interface ReaderState {
  channelId: number;
  /** Id of the access token, or of the session’s user. */
  credential: string;
  agent: string;
  name: string;
  currKey: number;
  rate: number;
  waiting: boolean;
  deletes: boolean;
  lastReadAt: Date;
}

export interface ReaderRow {
  id: string;
  channel_id: number;
  credential: string;
  agent: string;
  name: string;
  curr_key: string;
  rate: number;
  waiting: boolean;
  deletes: boolean;
  last_read_at: Date;
  next_key: string;
  first_key: string;
}

/** A token is shown by its name; readers of channels that are no more are left out. In one order, against deadlocks. */
const WRITE = `
WITH written AS (
  INSERT INTO channel_readers (channel_id, credential, agent, name, curr_key, rate, waiting, deletes, last_read_at)
  SELECT r.channel_id, r.credential, r.agent, coalesce(t.name, r.name), r.curr_key, r.rate, r.waiting, r.deletes, r.last_read_at
  FROM unnest($1::int[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::float8[], $7::bool[], $8::bool[], $9::timestamptz[])
    AS r(channel_id, credential, agent, name, curr_key, rate, waiting, deletes, last_read_at)
  JOIN channels c ON c.id = r.channel_id
  LEFT JOIN access_tokens t ON t.id = r.credential
  ORDER BY r.channel_id, r.credential, r.agent
  ON CONFLICT (channel_id, credential, agent) DO UPDATE SET name = excluded.name, curr_key = excluded.curr_key,
    rate = excluded.rate, waiting = excluded.waiting, deletes = excluded.deletes, last_read_at = excluded.last_read_at
  RETURNING *
)
SELECT w.*, h.next_key, l.first_key FROM written w
JOIN channel_heads h USING (channel_id) JOIN channel_tails l USING (channel_id)`;

export async function writeReaders(client: PoolClient, readers: ReaderState[]): Promise<ReaderRow[]> {
  const { rows } = await client.query<ReaderRow>(WRITE, [
    readers.map(({ channelId }) => channelId),
    readers.map(({ credential }) => credential),
    readers.map(({ agent }) => agent),
    readers.map(({ name }) => name),
    readers.map(({ currKey }) => currKey),
    readers.map(({ rate }) => rate),
    readers.map(({ waiting }) => waiting),
    readers.map(({ deletes }) => deletes),
    readers.map(({ lastReadAt }) => lastReadAt),
  ]);
  return rows;
}

/** So many readers of a channel are listed and kept, those that read last. */
const KEPT = 200;
/** After so long without a read nothing is left that a reader could go on with: messages are kept for 30 days at most. */
const KEPT_DAYS = 32;

/** Deletes who came with ever new names, and who reads no more. */
export async function deleteOldReaders(pool: Pool): Promise<void> {
  await pool.query(
    `DELETE FROM channel_readers r USING (
       SELECT id, last_read_at, row_number() OVER (PARTITION BY channel_id ORDER BY last_read_at DESC, id) AS place
       FROM channel_readers
     ) old
     WHERE r.id = old.id AND (old.place > $1 OR old.last_read_at < now() - make_interval(days => $2))`,
    [KEPT, KEPT_DAYS],
  );
}

/** Readers of a channel, those that read last first. */
export async function listReaders(pool: Pool, channelId: number): Promise<ReaderRow[]> {
  const { rows } = await pool.query<ReaderRow>(
    `SELECT r.*, h.next_key, t.first_key FROM channel_readers r
     JOIN channel_heads h USING (channel_id) JOIN channel_tails t USING (channel_id)
     WHERE r.channel_id = $1 ORDER BY r.last_read_at DESC, r.id LIMIT ${KEPT}`,
    [channelId],
  );
  return rows;
}

export async function deleteReader(
  pool: Pool,
  channelId: number,
  id: string,
): Promise<{ credential: string; agent: string } | undefined> {
  const { rows } = await pool.query<{ credential: string; agent: string }>(
    'DELETE FROM channel_readers WHERE channel_id = $1 AND id = $2 RETURNING credential, agent',
    [channelId, id],
  );
  return rows[0];
}
