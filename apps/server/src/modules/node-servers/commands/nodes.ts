import type { WireAddNode } from '@polyrelay/contract';
import type { NewEvent } from '#core/events/types.js';
import type { Context } from '../context.js';
import type { NodeServerRef } from '../refs.js';
import { countNodes, knownNodes, upsertNodes } from '../store/nodes.js';

/** Most nodes one node server may have. */
const MAX_NODES = 10_000;

export interface AddedNode {
  address: string;
  success: boolean;
  reason: string;
}

/** Stores nodes a worker adds; existing ones are updated and keep the values of drivers they have (PGC section 4). */
export async function addNodes(
  { app }: Context,
  ref: NodeServerRef,
  nodes: WireAddNode[],
): Promise<AddedNode[]> {
  // Added twice in one batch, the last one counts.
  const wanted = [...new Map(nodes.map((node) => [node.address, node])).values()];
  return app.events.sql(async (client, record) => {
    const known = await knownNodes(
      client,
      ref.id,
      wanted.map(({ address }) => address),
    );
    let count = await countNodes(client, ref.id);
    const accepted = wanted.filter(({ address }) => known.has(address) || ++count <= MAX_NODES);
    await upsertNodes(client, ref.id, accepted);
    for (const { address, name, nodedefid, primary } of accepted) {
      record({
        topic: `nodeServers/${ref.id}/nodes/${address}`,
        operation: known.has(address) ? 'UPDATE' : 'INSERTION',
        ownerId: ref.ownerId,
        payload: { name, nodedefId: nodedefid, primary },
      });
    }
    record(nodeCountEvent(ref, await countNodes(client, ref.id)));
    const stored = new Set(accepted.map(({ address }) => address));
    return wanted.map(({ address }) =>
      stored.has(address)
        ? { address, success: true, reason: known.has(address) ? 'updated' : 'added' }
        : { address, success: false, reason: `A node server may have at most ${MAX_NODES} nodes` },
    );
  });
}

/** Removes nodes with their drivers and history. @returns the addresses that were there */
export async function removeNodes(
  { app }: Context,
  ref: Pick<NodeServerRef, 'id' | 'ownerId'>,
  addresses: string[],
): Promise<string[]> {
  return app.events.transaction(async (tx, record) => {
    const where = { nodeServerId: ref.id, address: { in: addresses } };
    const found = await tx.node.findMany({ where, select: { address: true } });
    await tx.$executeRaw`DELETE FROM driver_samples WHERE driver_id IN (
      SELECT id FROM drivers WHERE node_server_id = ${ref.id}::uuid AND address = ANY(${addresses}))`;
    await tx.node.deleteMany({ where });
    for (const { address } of found)
      record({
        topic: `nodeServers/${ref.id}/nodes/${address}`,
        operation: 'DELETION',
        ownerId: ref.ownerId,
      });
    if (found.length > 0)
      record(nodeCountEvent(ref, await tx.node.count({ where: { nodeServerId: ref.id } })));
    return found.map(({ address }) => address);
  });
}

const nodeCountEvent = (ref: Pick<NodeServerRef, 'id' | 'ownerId'>, nodeCount: number): NewEvent => ({
  topic: `nodeServers/${ref.id}`,
  operation: 'UPDATE',
  ownerId: ref.ownerId,
  payload: { nodeCount },
});
