import { DISABLED_AFTER_MS } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DEAD_AFTER_S } from '../delivery/store.js';
import type { MonitorRecord } from '../types.js';

type Monitor = Pick<MonitorRecord, 'id' | 'ownerId'>;

interface FailureRow {
  began: boolean;
  disabled: boolean;
}

/**
 * Notes that a monitor’s server did not take a block. What changes its status is recorded as an event, too.
 * @param why in words; @returns whether it is given up, because it has failed for 24 hours
 */
export function noteFailure(app: FastifyInstance, monitor: Monitor, why: string): Promise<boolean> {
  return app.events.sql(async (client, record) => {
    const { rows } = await client.query<FailureRow>({
      name: 'http-monitor-failed',
      text: `WITH was AS (SELECT failing_since FROM monitor_progress WHERE monitor_id = $1 FOR UPDATE)
        UPDATE monitor_progress p SET failing_since = coalesce(was.failing_since, now()), failure = $2,
          disabled = coalesce(was.failing_since <= now() - $3 * interval '1 millisecond', false)
        FROM was WHERE p.monitor_id = $1
        RETURNING was.failing_since IS NULL AS began, p.disabled`,
      values: [monitor.id, why, DISABLED_AFTER_MS],
    });
    const { began = false, disabled = false } = rows[0] ?? {};
    if (disabled) record(statusEvent(monitor, 'DISABLED', why));
    else if (began) record(statusEvent(monitor, 'CONNECTING', why));
    return disabled;
  });
}

/** Notes that its server took a block, the first one of a session or after it had failed. */
export function noteSuccess(app: FastifyInstance, monitor: Monitor): Promise<void> {
  return app.events.sql(async (client, record) => {
    const { rows } = await client.query<{ became: boolean }>({
      name: 'http-monitor-succeeded',
      text: `WITH was AS (SELECT p.monitor_id, p.failing_since, p.last_sent, m.changed_at
          FROM monitor_progress p JOIN monitors m ON m.id = p.monitor_id WHERE p.monitor_id = $1 FOR UPDATE OF p)
        UPDATE monitor_progress p SET failing_since = NULL, failure = NULL, last_sent = now(), last_connect = now()
        FROM was WHERE p.monitor_id = was.monitor_id
        RETURNING was.failing_since IS NOT NULL OR was.last_sent IS NULL OR was.last_sent < was.changed_at AS became`,
      values: [monitor.id],
    });
    if (rows[0]?.became === true) record(statusEvent(monitor, 'ACTIVE', null));
  });
}

const statusEvent = ({ id, ownerId }: Monitor, status: string, statusReason: string | null) => ({
  topic: `monitors/${id}`,
  operation: 'UPDATE' as const,
  ownerId,
  payload: { status, statusReason },
});

/** HTTP monitors that nobody sends for, and that were not given up. */
export async function findFree(app: FastifyInstance, limit: number): Promise<number[]> {
  const { rows } = await app.database.pool.query<{ id: number }>({
    name: 'http-monitors-free',
    text: `SELECT m.id FROM monitors m JOIN monitor_progress p ON p.monitor_id = m.id
      LEFT JOIN monitor_sessions s ON s.monitor_id = m.id
      WHERE m.transport_type = 'http' AND NOT p.disabled
        AND (s.monitor_id IS NULL OR s.seen_at < now() - interval '${DEAD_AFTER_S} seconds')
      ORDER BY m.id LIMIT $1`,
    values: [limit],
  });
  return rows.map(({ id }) => id);
}

/** The monitor, if it is one over HTTP that was not given up. */
export const findRow = (app: FastifyInstance, id: number) =>
  app.database.prisma.monitor.findFirst({
    where: { id, transportType: 'http', progress: { disabled: false } },
  });

/** Keeps a monitor for this process while it waits for its next try without a session. @returns false: another one has it */
export async function hold(app: FastifyInstance, id: number, claim: string): Promise<boolean> {
  const { rowCount } = await app.database.pool.query(
    `INSERT INTO monitor_sessions (monitor_id, id) SELECT id, $2 FROM monitors WHERE id = $1
     ON CONFLICT (monitor_id) DO NOTHING`,
    [id, claim],
  );
  return rowCount === 1;
}

/** What is held stays so for another minute. */
export async function renewHeld(app: FastifyInstance, claim: string): Promise<void> {
  await app.database.pool.query('UPDATE monitor_sessions SET seen_at = now() WHERE id = $1', [claim]);
}

/** @param id this one alone; all when left out */
export async function releaseHeld(app: FastifyInstance, claim: string, id?: number): Promise<void> {
  await app.database.pool.query(
    'DELETE FROM monitor_sessions WHERE id = $1 AND ($2::int IS NULL OR monitor_id = $2)',
    [claim, id ?? null],
  );
}
