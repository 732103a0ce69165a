import type { Device } from '@polyrelay/codecs/push-resource';
import type { Pool } from 'pg';

const DEVICES = `SELECT id, 'nodeServer' AS kind, name, language AS type, version, connected,
    time_started AS "lastConnected", time_added AS since
  FROM node_servers`;

/** All node servers of a user, or the one asked for, by when they were added; without what is being deleted. */
export async function readDevices(pool: Pool, ownerId: string, id?: string): Promise<Device[]> {
  const { rows } = await pool.query<Device>({
    name: 'node-server-devices',
    text: `${DEVICES} WHERE owner_id = $1 AND ($2::uuid IS NULL OR id = $2) AND state <> 'deleting'
      ORDER BY time_added, id`,
    values: [ownerId, id ?? null],
  });
  return rows;
}

/** Node servers by their ids, whoever’s they are; those that are gone are left out. */
export async function devicesById(pool: Pool, ids: readonly string[]): Promise<Device[]> {
  if (ids.length === 0) return [];
  const { rows } = await pool.query<Device>({
    name: 'node-server-devices-by-id',
    text: `${DEVICES} WHERE id = ANY($1::uuid[])`,
    values: [ids],
  });
  return rows;
}
