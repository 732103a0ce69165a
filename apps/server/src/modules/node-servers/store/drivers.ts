import type { DriverScalar } from '@polyrelay/contract';
import type { Pool } from 'pg';

/** A driver with its value, of whichever node. */
export interface DriverValue {
  /** Serial of the driver. */
  id: string;
  nodeServerId: string;
  address: string;
  nodeName: string;
  driver: string;
  value: DriverScalar;
  uom: DriverScalar;
  changedAt: Date;
}

/** Which drivers: what is left out stands for all. */
export interface DriverFilter {
  nodeServerId?: string | undefined;
  address?: string | undefined;
  driver?: string | undefined;
}

const FOUND = `FROM drivers d
  JOIN nodes n ON n.node_server_id = d.node_server_id AND n.address = d.address
  JOIN node_servers s ON s.id = d.node_server_id
  WHERE s.owner_id = $1 AND s.state <> 'deleting' AND ($2::uuid IS NULL OR d.node_server_id = $2)
    AND ($3::text IS NULL OR d.address = $3) AND ($4::text IS NULL OR d.driver = $4)`;

/** A part of a user's drivers in the order of their names, and how many there are in all. */
export async function readDrivers(
  pool: Pool,
  ownerId: string,
  { nodeServerId, address, driver }: DriverFilter,
  { offset, limit }: { offset: number; limit: number },
): Promise<{ drivers: DriverValue[]; total: number }> {
  const filter = [ownerId, nodeServerId ?? null, address ?? null, driver ?? null];
  const { rows: drivers } = await pool.query<DriverValue>(
    `SELECT d.id::text, d.node_server_id AS "nodeServerId", d.address, n.name AS "nodeName", d.driver, d.value, d.uom,
       d.changed_at AS "changedAt" ${FOUND}
     ORDER BY d.node_server_id, d.address, d.driver OFFSET $5 LIMIT $6`,
    [...filter, offset, limit],
  );
  if (drivers.length < limit && (drivers.length > 0 || offset === 0))
    return { drivers, total: offset + drivers.length };
  const { rows } = await pool.query<{ total: number }>(`SELECT count(*)::int AS total ${FOUND}`, filter);
  return { drivers, total: rows[0]?.total ?? 0 };
}

/** One value of a driver's history. */
export interface Sample {
  /** Milliseconds since 1970. */
  at: number;
  value: number;
}

/** Which part of a history: from a moment on, before another; `skip` so many of it. */
export interface SampleRange {
  from?: Date | undefined;
  to?: Date | undefined;
  order: 'ASC' | 'DESC';
  skip: number;
  limit: number;
}

/** A driver's kept values as they are, not thinned. Several may have the same time: `ctid` keeps their order. */
export async function readSamples(
  pool: Pool,
  driverId: string,
  { from, to, order, skip, limit }: SampleRange,
): Promise<Sample[]> {
  const { rows } = await pool.query<Sample>({
    name: `driver-samples-${order}`,
    text: `SELECT extract(epoch FROM at)::float8 * 1000 AS at, value FROM driver_samples
           WHERE driver_id = $1 AND at >= coalesce($2::timestamptz, '-infinity') AND at < coalesce($3::timestamptz, 'infinity')
           ORDER BY at ${order}, ctid ${order} OFFSET $4 LIMIT $5`,
    values: [driverId, from ?? null, to ?? null, skip, limit],
  });
  return rows.map(({ at, value }) => ({ at: Math.round(at), value }));
}
