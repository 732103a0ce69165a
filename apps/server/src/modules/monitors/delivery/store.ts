import type { Pool, PoolClient } from 'pg';
import type { Place } from '../types.js';
import { type KnownBlock, LAST_BLOCK_ID } from './ledger.js';

/** A session is dead when it was not seen for so long. */
export const DEAD_AFTER_S = 60;

/** The row of a session. */
export interface SessionRow {
  monitorId: number;
  id: string;
  peer: string;
}

/** How far a monitor is. */
export interface StoredProgress {
  place: Place;
  nextSeq: number;
  nextBlockId: number;
  /** Blocks below it are void. */
  baseSeq: number;
  sentEvents: number;
  sentBlocks: number;
  sentBytes: number;
  /** It was asked to send again what is behind its place. */
  replay: boolean;
}

/** @returns whether the session is the one of its monitor now; undefined: there is no such monitor */
export async function takeSession(
  client: PoolClient,
  { monitorId, id, peer }: SessionRow,
  options: { ifFree: boolean; connected: boolean },
): Promise<boolean | undefined> {
  const { rows } = await client.query<{ taken: boolean }>({
    name: 'monitor-session-take',
    text: `WITH found AS MATERIALIZED (SELECT id FROM monitors WHERE id = $1),
       taken AS (
         INSERT INTO monitor_sessions AS s (monitor_id, id, peer, connected_at, seen_at)
         SELECT id, $2::uuid, $3, now(), now() FROM found
         ON CONFLICT (monitor_id) DO UPDATE SET id = excluded.id, peer = excluded.peer,
           connected_at = excluded.connected_at, seen_at = excluded.seen_at
         WHERE NOT $4 OR s.seen_at < now() - make_interval(secs => ${DEAD_AFTER_S})
         RETURNING 1),
       noted AS (
         UPDATE monitor_progress SET last_connect = now()
         WHERE monitor_id = $1 AND $5 AND EXISTS (SELECT FROM taken))
     SELECT EXISTS (SELECT FROM taken) AS taken FROM found`,
    values: [monitorId, id, peer, options.ifFree, options.connected],
  });
  return rows[0]?.taken;
}

/** How far a monitor is, and its blocks behind that place if it keeps them. */
export async function readProgress(
  client: PoolClient,
  monitorId: number,
  keepsBlocks: boolean,
): Promise<{ progress: StoredProgress; known: KnownBlock[] }> {
  const [read, blocks] = await Promise.all([
    client.query<Record<string, string> & { replay: boolean }>({
      name: 'monitor-progress-read',
      text: 'SELECT * FROM monitor_progress WHERE monitor_id = $1',
      values: [monitorId],
    }),
    client.query<Record<string, string>>({
      name: 'monitor-blocks-open',
      text: `SELECT b.* FROM monitor_blocks b JOIN monitor_progress p USING (monitor_id)
        WHERE b.monitor_id = $1 AND b.seq >= p.base_seq
          AND (b.last_place > p.place OR b.seq >= p.next_seq)
        ORDER BY b.seq`,
      values: [monitorId],
    }),
  ]);
  const row = read.rows[0];
  const newest = blocks.rows.at(-1);
  const progress: StoredProgress = {
    place: Number(row?.place ?? 0),
    nextSeq: Math.max(Number(row?.next_seq ?? 1), Number(row?.base_seq ?? 0)),
    nextBlockId: Number(row?.next_block_id ?? 1),
    baseSeq: Number(row?.base_seq ?? 0),
    sentEvents: Number(row?.sent_events ?? 0),
    sentBlocks: Number(row?.sent_blocks ?? 0),
    sentBytes: Number(row?.sent_bytes ?? 0),
    replay: row?.replay ?? false,
  };
  // Progress is written once a second; blocks are written before they are sent.
  if (newest !== undefined && Number(newest.seq) >= progress.nextSeq) {
    progress.nextSeq = Number(newest.seq) + 1;
    progress.nextBlockId = Number(newest.block_id) === LAST_BLOCK_ID ? 1 : Number(newest.block_id) + 1;
  }
  const known = keepsBlocks ? blocks.rows.map(knownBlock) : [];
  return { progress, known: known.filter(({ lastPlace }) => lastPlace > progress.place) };
}

const knownBlock = (row: Record<string, string>): KnownBlock => ({
  seq: Number(row.seq),
  blockId: Number(row.block_id),
  events: Number(row.events),
  firstPlace: Number(row.first_place),
  lastPlace: Number(row.last_place),
  attempts: Number(row.attempts),
  delivered: row.state === 'delivered',
});

/** Left out when blocks are made void: a session that has not heard of it yet may write some more. They are void, too. */
const GAP = 2 ** 20;

/** The next block is numbered above everything that is void, and does not have the id of one that is. */
const RENUMBER = `
UPDATE monitor_progress p SET base_seq = greatest(p.base_seq, p.next_seq, v.seq + 1) + ${GAP},
  next_block_id = CASE WHEN v.seq >= p.next_seq THEN v.block_id % ${LAST_BLOCK_ID} + 1 ELSE p.next_block_id END`;
const NEWEST = `(VALUES (1)) one LEFT JOIN LATERAL (
  SELECT seq, block_id FROM monitor_blocks WHERE monitor_id = $1 ORDER BY seq DESC LIMIT 1) v ON true`;

/** Makes what is open of a monitor’s blocks void: events that were not delivered come again, in new ones. */
const VOID = `
WITH gone AS (DELETE FROM monitor_blocks WHERE monitor_id = $1 AND state <> 'delivered')${RENUMBER}`;

/** The same, for a change of the monitor. In the transaction of the change. */
export async function voidBlocks(
  db: { query(text: string, values: unknown[]): Promise<unknown> },
  monitorId: number,
): Promise<void> {
  await db.query(`${VOID} FROM ${NEWEST} WHERE p.monitor_id = $1`, [monitorId]);
}

/** The same, by the session that sent them, if it is the one of the monitor still. */
export async function voidBlocksOf(pool: Pool, { monitorId, id }: SessionRow): Promise<void> {
  await pool.query(
    `WITH held AS (SELECT FROM monitor_sessions WHERE monitor_id = $1 AND id = $2 FOR SHARE),
       gone AS (DELETE FROM monitor_blocks WHERE monitor_id = $1 AND state <> 'delivered' AND EXISTS (SELECT FROM held))
     ${RENUMBER} FROM ${NEWEST} WHERE p.monitor_id = $1 AND EXISTS (SELECT FROM held)`,
    [monitorId, id],
  );
}

/** Sends a monitor back. @returns the number of its next block; undefined: there is no such monitor */
export async function moveBack(
  client: PoolClient,
  monitorId: number,
  place: Place,
): Promise<number | undefined> {
  const { rows } = await client.query<{ base_seq: string }>(
    `${VOID}, place = $2, replay = true FROM ${NEWEST} WHERE p.monitor_id = $1 RETURNING p.base_seq`,
    [monitorId, place],
  );
  return rows[0] === undefined ? undefined : Number(rows[0].base_seq);
}

/**
 * Says that sessions are alive. One whose row was taken for dead is there again, unless another has its monitor.
 * @returns the monitors whose sessions they still are
 */
export async function renewSessions(pool: Pool, sessions: SessionRow[]): Promise<Set<number>> {
  const { rows } = await pool.query<{ monitor_id: number }>(
    `INSERT INTO monitor_sessions AS s (monitor_id, id, peer, seen_at)
     SELECT g.monitor_id, g.id, g.peer, now()
     FROM unnest($1::int[], $2::uuid[], $3::text[]) AS g(monitor_id, id, peer)
     JOIN monitors m ON m.id = g.monitor_id ORDER BY g.monitor_id
     ON CONFLICT (monitor_id) DO UPDATE SET seen_at = now() WHERE s.id = excluded.id
     RETURNING monitor_id`,
    [
      sessions.map(({ monitorId }) => monitorId),
      sessions.map(({ id }) => id),
      sessions.map(({ peer }) => peer),
    ],
  );
  return new Set(rows.map(({ monitor_id: id }) => id));
}

/** A monitor whose session is over. */
export interface LeftMonitor {
  id: number;
  ownerId: string;
  transportType: string;
  ackOption: string;
  autoReplayOnConnect: boolean;
}

const LEFT = `, quiet AS (
  UPDATE monitor_progress p SET rate = 0 FROM gone WHERE p.monitor_id = gone.monitor_id AND p.rate <> 0)
SELECT m.id, m.owner_id AS "ownerId", m.transport_type AS "transportType", m.ack_option AS "ackOption",
  m.auto_replay_on_connect AS "autoReplayOnConnect"
FROM gone JOIN monitors m ON m.id = gone.monitor_id`;

/** Ends sessions. @returns the monitors that nobody has now */
export async function leaveSessions(client: PoolClient, sessions: SessionRow[]): Promise<LeftMonitor[]> {
  const { rows } = await client.query<LeftMonitor>(
    `WITH gone AS (
       DELETE FROM monitor_sessions s USING unnest($1::int[], $2::uuid[]) AS g(monitor_id, id)
       WHERE s.monitor_id = g.monitor_id AND s.id = g.id RETURNING s.monitor_id)${LEFT}`,
    [sessions.map(({ monitorId }) => monitorId), sessions.map(({ id }) => id)],
  );
  return rows;
}

/** Ends sessions that were not seen for so many seconds. @returns their monitors */
export async function leaveDeadSessions(client: PoolClient, seconds: number): Promise<LeftMonitor[]> {
  const { rows } = await client.query<LeftMonitor>(
    `WITH gone AS (
       DELETE FROM monitor_sessions
       WHERE seen_at < now() - make_interval(secs => $1) RETURNING monitor_id)${LEFT}`,
    [seconds],
  );
  return rows;
}
