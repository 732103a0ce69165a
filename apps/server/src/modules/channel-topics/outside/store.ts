import type { Pool, PoolClient } from 'pg';

/** Channels with messages that the broker has not acknowledged. */
export async function findBehind(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ channel_id: number }>(
    `SELECT h.channel_id FROM channel_heads h LEFT JOIN channel_publications p USING (channel_id)
     WHERE h.next_key > coalesce(p.next_key, 0) ORDER BY h.channel_id`,
  );
  return rows.map((row) => row.channel_id);
}

/** Takes a channel for this transaction. @returns the next key to publish; undefined: another replica has it, or it is gone */
export async function take(client: PoolClient, channelId: number): Promise<number | undefined> {
  await client.query({
    name: 'channel-publication-make',
    text: `INSERT INTO channel_publications (channel_id) SELECT id FROM channels WHERE id = $1
           AND NOT EXISTS (SELECT FROM channel_publications WHERE channel_id = $1) ON CONFLICT DO NOTHING`,
    values: [channelId],
  });
  const { rows } = await client.query<{ next_key: string }>({
    name: 'channel-publication-take',
    text: 'SELECT next_key FROM channel_publications WHERE channel_id = $1 FOR UPDATE SKIP LOCKED',
    values: [channelId],
  });
  return rows[0] && Number(rows[0].next_key);
}

export async function move(client: PoolClient, channelId: number, nextKey: number): Promise<void> {
  await client.query({
    name: 'channel-publication-move',
    text: 'UPDATE channel_publications SET next_key = $2 WHERE channel_id = $1',
    values: [channelId, nextKey],
  });
}
