import type { DriverScalar } from '@polyrelay/contract';
import type { PoolClient } from 'pg';

/** A driver's new value, as a worker reported it. */
export interface DriverUpdate {
  nodeServerId: string;
  ownerId: string;
  address: string;
  driver: string;
  value: DriverScalar;
  uom: DriverScalar;
}

/** What became of an update. */
export type UpdateResult = 'changed' | 'unchanged' | 'unknownNode';

/** What is kept as history; longer ones would not fit a float. */
const IS_NUMBER = `value #>> '{}' ~ '^[+-]?(\\d{1,99}(\\.\\d{0,99})?|\\.\\d{1,99})$'`;

/**
 * One statement for the values and their history: finds the rows by key, updates those that differ, and keeps a
 * sample of what is a number. Its cost depends on the number of updates alone.
 */
const UPDATE = `
WITH input AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[])
    WITH ORDINALITY AS i(node_server_id, address, driver, value, uom, n)
), matched AS MATERIALIZED (
  SELECT i.n, d.id, i.value, i.uom, d.value IS DISTINCT FROM i.value OR d.uom IS DISTINCT FROM i.uom AS differs
  FROM input i LEFT JOIN drivers d ON d.node_server_id = i.node_server_id AND d.address = i.address AND d.driver = i.driver
), changed AS (
  UPDATE drivers d SET value = m.value, uom = m.uom, changed_at = now()
  FROM matched m WHERE m.differs AND d.id = m.id
), history AS (
  INSERT INTO driver_samples (driver_id, at, value)
  SELECT id, clock_timestamp(), (value #>> '{}')::float8 FROM matched
  WHERE differs AND id IS NOT NULL AND ${IS_NUMBER}
)
SELECT id, differs FROM matched ORDER BY n`;

/** Drivers a node reports without having declared them, and the answer which nodes exist. */
const INSERT = `
WITH input AS (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[])
    WITH ORDINALITY AS i(node_server_id, address, driver, value, uom, n)
), added AS (
  INSERT INTO drivers (node_server_id, address, driver, value, uom)
  SELECT i.node_server_id, i.address, i.driver, i.value, i.uom FROM input i
  JOIN nodes o ON o.node_server_id = i.node_server_id AND o.address = i.address
  ON CONFLICT (node_server_id, address, driver) DO UPDATE SET value = excluded.value, uom = excluded.uom, changed_at = now()
  RETURNING id, value
), history AS (
  INSERT INTO driver_samples (driver_id, at, value)
  SELECT id, clock_timestamp(), (value #>> '{}')::float8 FROM added WHERE ${IS_NUMBER}
)
SELECT o.address IS NOT NULL AS known FROM input i
LEFT JOIN nodes o ON o.node_server_id = i.node_server_id AND o.address = i.address ORDER BY i.n`;

/** Writes updates, no two of which are for the same driver. @returns what became of each, in the same order */
export async function writeUpdates(client: PoolClient, updates: DriverUpdate[]): Promise<UpdateResult[]> {
  const { rows } = await client.query<{ id: string | null; differs: boolean }>({
    name: 'write-updates',
    text: UPDATE,
    values: columns(updates),
  });
  const results = rows.map(({ differs }): UpdateResult => (differs ? 'changed' : 'unchanged'));
  const missing = rows.flatMap(({ id }, i) => (id === null ? [i] : []));
  if (missing.length === 0) return results;
  const inserted = await client.query<{ known: boolean }>({
    name: 'insert-drivers',
    text: INSERT,
    values: columns(missing.flatMap((i) => updates[i] ?? [])),
  });
  inserted.rows.forEach(({ known }, k) => {
    results[missing[k] ?? -1] = known ? 'changed' : 'unknownNode';
  });
  return results;
}

const columns = (updates: DriverUpdate[]): string[][] => [
  updates.map((update) => update.nodeServerId),
  updates.map((update) => update.address),
  updates.map((update) => update.driver),
  updates.map((update) => JSON.stringify(update.value)),
  updates.map((update) => JSON.stringify(update.uom)),
];
