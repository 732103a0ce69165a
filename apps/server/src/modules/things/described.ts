import type { Pool } from 'pg';

/** What is told of a thing to those who are sent events of it. */
export interface DescribedThing {
  id: string;
  name: string;
  type: string;
  connected: boolean;
  lastSeenAt: Date | null;
  createdAt: Date;
}

/** Things by their ids, whoever’s they are; those that are gone, or going, are left out. */
export async function describeThings(pool: Pool, ids: readonly string[]): Promise<DescribedThing[]> {
  const { rows } = await pool.query<DescribedThing>({
    name: 'things-described',
    text: `SELECT t.id, t.name, t.type, coalesce(a.connected, false) AS connected, a.last_seen_at AS "lastSeenAt",
        t.created_at AS "createdAt"
      FROM things t LEFT JOIN thing_activity a ON a.thing_id = t.id WHERE t.id = ANY($1::uuid[]) AND NOT t.deleting`,
    values: [ids],
  });
  return rows;
}
