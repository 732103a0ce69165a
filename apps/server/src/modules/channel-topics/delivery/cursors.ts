import type { Pool } from 'pg';

/** Whose session it is: a client that asked to be remembered, as it names itself. */
export interface SessionKey {
  userId: string;
  clientId: string;
}

/** Where a subscription of a channel begins. */
export interface Start {
  channelId: number;
  nextKey: number;
}

/** After this time nothing would be left of what a session missed: messages are kept for 30 days at the most. */
const KEPT_DAYS = 30;
/** Newest cursors of one user that are kept. */
const KEPT_OF_USER = 10_000;

interface StartRow {
  id: number;
  next_key: string;
}

/** Where subscriptions of one's own channels begin that remember nothing: behind the newest message. */
export async function newestOf(pool: Pool, userId: string, id: number | 'all'): Promise<Start[]> {
  const { rows } = await pool.query<StartRow>({
    name: 'channel-mqtt-newest',
    text: `SELECT c.id, h.next_key FROM channels c JOIN channel_heads h ON h.channel_id = c.id
           WHERE c.owner_id = $1 AND ($2::int IS NULL OR c.id = $2)`,
    values: [userId, id === 'all' ? null : id],
  });
  return rows.map(toStart);
}

/**
 * The same for a session: where it left off. A channel that is new to it begins behind its newest message, but one that
 * was made while a session of all channels was away begins at its first.
 */
export async function resume(
  pool: Pool,
  { userId, clientId }: SessionKey,
  id: number | 'all',
): Promise<Start[]> {
  const { rows } = await pool.query<StartRow>({
    name: 'channel-mqtt-resume',
    text: `
      WITH session AS (
        SELECT min(created_at) AS began FROM channel_mqtt_cursors WHERE user_id = $1 AND client_id = $2
      )
      INSERT INTO channel_mqtt_cursors (user_id, client_id, channel_id, next_key)
      SELECT $1, $2, c.id, CASE WHEN $3::int IS NULL AND c.created_at > session.began THEN 0 ELSE h.next_key END
      FROM session, channels c JOIN channel_heads h ON h.channel_id = c.id
      WHERE c.owner_id = $1 AND ($3::int IS NULL OR c.id = $3)
      ON CONFLICT (user_id, client_id, channel_id) DO UPDATE SET used_at = now()
      RETURNING channel_id AS id, next_key`,
    values: [userId, clientId, id === 'all' ? null : id],
  });
  return rows.map(toStart);
}

const toStart = ({ id, next_key }: StartRow): Start => ({ channelId: id, nextKey: Number(next_key) });

/** Notes how far a session has acknowledged its channels; what it gave up meanwhile stays forgotten. */
export async function save(pool: Pool, { userId, clientId }: SessionKey, reached: Start[]): Promise<void> {
  await pool.query({
    name: 'channel-mqtt-save',
    text: `UPDATE channel_mqtt_cursors c SET next_key = greatest(c.next_key, r.next_key), used_at = now()
           FROM unnest($3::int[], $4::bigint[]) AS r(channel_id, next_key)
           WHERE c.user_id = $1 AND c.client_id = $2 AND c.channel_id = r.channel_id`,
    values: [userId, clientId, reached.map((r) => r.channelId), reached.map((r) => r.nextKey)],
  });
}

/** Forgets a session, or some channels of it. */
export async function forget(
  pool: Pool,
  { userId, clientId }: SessionKey,
  channelIds?: number[],
): Promise<void> {
  await pool.query({
    name: 'channel-mqtt-forget',
    text: `DELETE FROM channel_mqtt_cursors
           WHERE user_id = $1 AND client_id = $2 AND ($3::int[] IS NULL OR channel_id = ANY($3))`,
    values: [userId, clientId, channelIds ?? null],
  });
}

/** Deletes what nobody comes back for, so that sessions stay bounded. */
export async function forgetOld(pool: Pool): Promise<void> {
  await pool.query(
    `DELETE FROM channel_mqtt_cursors c USING (
       SELECT user_id, client_id, channel_id, used_at,
         row_number() OVER (PARTITION BY user_id ORDER BY used_at DESC) AS place
       FROM channel_mqtt_cursors
     ) old
     WHERE (old.used_at < now() - make_interval(days => $1) OR old.place > $2)
       AND c.user_id = old.user_id AND c.client_id = old.client_id AND c.channel_id = old.channel_id`,
    [KEPT_DAYS, KEPT_OF_USER],
  );
}
