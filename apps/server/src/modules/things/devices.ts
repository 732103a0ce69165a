import type { Device } from '@polyrelay/codecs/push-resource';
import type { Pool } from 'pg';

/** Without keys and certificates, which are long. */
const DEVICES = `SELECT t.id, 'thing' AS kind, t.name, t.type, '' AS version, coalesce(a.connected, false) AS connected,
    a.last_seen_at AS "lastConnected", t.created_at AS since
  FROM things t LEFT JOIN thing_activity a ON a.thing_id = t.id`;

/** All things of a user, or the one asked for, by when they were made. */
export async function readDevices(pool: Pool, ownerId: string, id?: string): Promise<Device[]> {
  const { rows } = await pool.query<Device>({
    name: 'thing-devices',
    text: `${DEVICES} WHERE t.owner_id = $1 AND ($2::uuid IS NULL OR t.id = $2) AND NOT t.deleting
      ORDER BY t.created_at, t.id`,
    values: [ownerId, id ?? null],
  });
  return rows;
}

/** Things by their ids, whoever’s they are; those that are gone are left out. */
export async function devicesById(pool: Pool, ids: readonly string[]): Promise<Device[]> {
  if (ids.length === 0) return [];
  const { rows } = await pool.query<Device>({
    name: 'thing-devices-by-id',
    text: `${DEVICES} WHERE t.id = ANY($1::uuid[]) AND NOT t.deleting`,
    values: [ids],
  });
  return rows;
}
