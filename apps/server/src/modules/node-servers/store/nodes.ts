import type { WireAddNode } from '@polyrelay/contract';
import type { PoolClient } from 'pg';

const COUNT = 'SELECT count(*)::int AS count FROM nodes WHERE node_server_id = $1';

const UPSERT = `
INSERT INTO nodes (node_server_id, address, name, nodedef_id, "primary", is_controller, hint, time_started)
SELECT $1, i.address, i.name, i.nodedef_id, i."primary", i.is_controller, i.hint, now()
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bool[], $7::jsonb[])
  AS i(address, name, nodedef_id, "primary", is_controller, hint)
ON CONFLICT (node_server_id, address) DO UPDATE SET name = excluded.name, nodedef_id = excluded.nodedef_id,
  "primary" = excluded."primary", is_controller = excluded.is_controller,
  hint = coalesce(excluded.hint, nodes.hint), time_started = excluded.time_started`;

/** What the service knows of a driver is newer than what a node declares at its start: known ones are left alone. */
const DRIVERS = `
INSERT INTO drivers (node_server_id, address, driver, value, uom)
SELECT $1, i.* FROM unnest($2::text[], $3::text[], $4::jsonb[], $5::jsonb[]) AS i(address, driver, value, uom)
ON CONFLICT DO NOTHING`;

/** How many nodes a node server has. */
export async function countNodes(client: PoolClient, nodeServerId: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>({
    name: 'count-nodes',
    text: COUNT,
    values: [nodeServerId],
  });
  return rows[0]?.count ?? 0;
}

/** Which of these addresses are there. */
export async function knownNodes(
  client: PoolClient,
  nodeServerId: string,
  addresses: string[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ address: string }>(
    'SELECT address FROM nodes WHERE node_server_id = $1 AND address = ANY($2)',
    [nodeServerId, addresses],
  );
  return new Set(rows.map(({ address }) => address));
}

/** Stores nodes with their drivers, no address twice, in two statements however many they are. */
export async function upsertNodes(
  client: PoolClient,
  nodeServerId: string,
  nodes: WireAddNode[],
): Promise<void> {
  const json = (value: unknown): string | null =>
    value === undefined || value === null ? null : JSON.stringify(value);
  await client.query({
    name: 'upsert-nodes',
    text: UPSERT,
    values: [
      nodeServerId,
      nodes.map((node) => node.address),
      nodes.map((node) => node.name),
      nodes.map((node) => node.nodedefid),
      nodes.map((node) => node.primary),
      nodes.map((node) => node.isController),
      nodes.map((node) => json(node.hint)),
    ],
  });
  const drivers = nodes.flatMap(({ address, drivers: own }) =>
    Object.entries(own).map(([driver, { value, uom }]) => ({ address, driver, value, uom })),
  );
  await client.query({
    name: 'declare-drivers',
    text: DRIVERS,
    values: [
      nodeServerId,
      drivers.map(({ address }) => address),
      drivers.map(({ driver }) => driver),
      drivers.map(({ value }) => JSON.stringify(value)),
      drivers.map(({ uom }) => JSON.stringify(uom)),
    ],
  });
}
