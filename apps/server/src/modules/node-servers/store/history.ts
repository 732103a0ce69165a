import type { DriverHistory } from '@polyrelay/contract';
import type { Pool } from 'pg';

interface HistoryQuery {
  nodeServerId: string;
  address: string;
  driver: string;
  from: Date;
  to: Date;
  /** At most so many samples: of each equal part of the time the last one. */
  points: number;
}

const SAMPLES = `
SELECT DISTINCT ON (width_bucket(extract(epoch FROM at), extract(epoch FROM $2::timestamptz), extract(epoch FROM $3::timestamptz), $4))
  extract(epoch FROM at)::float8 * 1000 AS time, value
FROM driver_samples WHERE driver_id = $1 AND at >= $2 AND at < $3
ORDER BY width_bucket(extract(epoch FROM at), extract(epoch FROM $2::timestamptz), extract(epoch FROM $3::timestamptz), $4), at DESC`;

const BEFORE = 'SELECT value FROM driver_samples WHERE driver_id = $1 AND at < $2 ORDER BY at DESC LIMIT 1';

/** Reads a driver's history, thinned for a plot; it begins with the value that held at `from`. Undefined: no such driver. */
export async function readHistory(pool: Pool, query: HistoryQuery): Promise<DriverHistory | undefined> {
  const { nodeServerId, address, driver, from, to, points } = query;
  const found = await pool.query<{ id: string; uom: unknown }>(
    'SELECT id, uom FROM drivers WHERE node_server_id = $1 AND address = $2 AND driver = $3',
    [nodeServerId, address, driver],
  );
  const row = found.rows[0];
  if (row === undefined) return undefined;
  if (from >= to) return { times: [], values: [], uom: String(row.uom) };
  const [before, samples] = await Promise.all([
    pool.query<{ value: number }>(BEFORE, [row.id, from]),
    pool.query<{ time: number; value: number }>(SAMPLES, [row.id, from, to, points]),
  ]);
  const all = [...before.rows.map(({ value }) => ({ time: from.getTime(), value })), ...samples.rows];
  return { times: all.map(({ time }) => time), values: all.map(({ value }) => value), uom: String(row.uom) };
}

/** Deletes samples older than `days`, at most `limit` at once. @returns how many went */
export async function deleteOldSamples(pool: Pool, days: number, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM driver_samples WHERE ctid IN (
       SELECT ctid FROM driver_samples WHERE at < now() - make_interval(days => $1) LIMIT $2)`,
    [days, limit],
  );
  return rowCount ?? 0;
}
