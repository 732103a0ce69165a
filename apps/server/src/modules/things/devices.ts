import type { Pool } from 'pg';

/** A thing as inventories show it. */
export interface ThingDevice {
  id: string;
  name: string;
  type: string;
  connected: boolean;
  lastSeenAt: Date | null;
  createdAt: Date;
}

/** All things of a user, or the one asked for, by when they were made. Without keys and certificates, which are long. */
export async function readDevices(pool: Pool, ownerId: string, id?: string): Promise<ThingDevice[]> {
  const { rows } = await pool.query<ThingDevice>({
    name: 'thing-devices',
    text: `SELECT t.id, t.name, t.type, coalesce(a.connected, false) AS connected, a.last_seen_at AS "lastSeenAt",
             t.created_at AS "createdAt"
           FROM things t LEFT JOIN thing_activity a ON a.thing_id = t.id
           WHERE t.owner_id = $1 AND ($2::uuid IS NULL OR t.id = $2) AND NOT t.deleting ORDER BY t.created_at, t.id`,
    values: [ownerId, id ?? null],
  });
  return rows;
}
