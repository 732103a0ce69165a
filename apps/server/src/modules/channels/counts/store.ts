import type { Pool } from 'pg';

export const MINUTE_MS = 60_000;
/** As long as messages may be kept, and a little more. */
const KEPT_DAYS = 32;

export interface MinuteCount {
  channelId: number;
  minute: Date;
  messages: number;
}

/** Adds to the counts; those of channels that are no more are left out. In one order, against deadlocks. */
export async function writeMinutes(pool: Pool, counts: MinuteCount[]): Promise<void> {
  await pool.query(
    `INSERT INTO channel_minutes (channel_id, minute, messages)
     SELECT m.channel_id, m.minute, m.messages
     FROM unnest($1::int[], $2::timestamptz[], $3::bigint[]) AS m(channel_id, minute, messages)
     JOIN channels c ON c.id = m.channel_id ORDER BY m.channel_id, m.minute
     ON CONFLICT (channel_id, minute) DO UPDATE SET messages = channel_minutes.messages + excluded.messages`,
    [
      counts.map(({ channelId }) => channelId),
      counts.map(({ minute }) => minute),
      counts.map(({ messages }) => messages),
    ],
  );
}

export async function sumSpans(
  pool: Pool,
  channelId: number,
  from: Date,
  stepMs: number,
  points: number,
): Promise<{ span: number; messages: number }[]> {
  const { rows } = await pool.query<{ span: number; messages: number }>(
    `SELECT floor(extract(epoch FROM minute - $2::timestamptz) * 1000 / $3::float8)::int AS span, sum(messages)::float8 AS messages
     FROM channel_minutes WHERE channel_id = $1 AND minute >= $2::timestamptz
       AND minute < $2::timestamptz + make_interval(secs => $3::float8 / 1000 * $4::int) GROUP BY 1`,
    [channelId, from, stepMs, points],
  );
  return rows;
}

/** Of one channel at a time; the others go with the next call. */
const MAX_DELETED = 5000;

/** Deletes counts of minutes that no plot shows any more: looks at each channel's oldest, not at all counts. */
export async function deleteOldMinutes(pool: Pool): Promise<void> {
  await pool.query(
    `DELETE FROM channel_minutes WHERE (channel_id, minute) IN (
       SELECT old.channel_id, old.minute FROM channels c CROSS JOIN LATERAL (
         SELECT channel_id, minute FROM channel_minutes
         WHERE channel_id = c.id AND minute < now() - make_interval(days => $1) ORDER BY minute LIMIT $2
       ) old)`,
    [KEPT_DAYS, MAX_DELETED],
  );
}
