import type { Pool } from 'pg';

/** A node server as inventories show it. */
export interface NodeServerDevice {
  id: string;
  name: string;
  language: string;
  version: string;
  connected: boolean;
  lastConnectedAt: Date | null;
  timeAdded: Date;
}

/** All node servers of a user, or the one asked for, by when they were added; without what is being deleted. */
export async function readDevices(pool: Pool, ownerId: string, id?: string): Promise<NodeServerDevice[]> {
  const { rows } = await pool.query<NodeServerDevice>({
    name: 'node-server-devices',
    text: `SELECT id, name, language, version, connected, time_started AS "lastConnectedAt", time_added AS "timeAdded"
           FROM node_servers
           WHERE owner_id = $1 AND ($2::uuid IS NULL OR id = $2) AND state <> 'deleting' ORDER BY time_added, id`,
    values: [ownerId, id ?? null],
  });
  return rows;
}
