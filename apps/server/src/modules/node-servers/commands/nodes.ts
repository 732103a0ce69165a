import type { WireAddNode } from '@polyrelay/contract';
import type { Transaction } from '#core/database/database.js';
import type { Recorder } from '#core/events/types.js';
import type { Context } from '../context.js';
import type { NodeServerRef } from '../refs.js';

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
  return app.events.transaction(async (tx, record) => {
    let count = await tx.node.count({ where: { nodeServerId: ref.id } });
    const results: AddedNode[] = [];
    for (const node of nodes) {
      const known = await tx.node.findUnique({
        where: { nodeServerId_address: { nodeServerId: ref.id, address: node.address } },
      });
      if (known === null && count >= MAX_NODES) {
        results.push({
          address: node.address,
          success: false,
          reason: `A node server may have at most ${MAX_NODES} nodes`,
        });
        continue;
      }
      if (known === null) count++;
      await storeNode(tx, ref, node, known === null);
      record({
        topic: `nodeServers/${ref.id}/nodes/${node.address}`,
        operation: known === null ? 'INSERTION' : 'UPDATE',
        ownerId: ref.ownerId,
        payload: { name: node.name, nodedefId: node.nodedefid, primary: node.primary },
      });
      results.push({ address: node.address, success: true, reason: known === null ? 'added' : 'updated' });
    }
    await recordCount(tx, record, ref);
    return results;
  });
}

async function storeNode(
  tx: Transaction,
  ref: NodeServerRef,
  node: WireAddNode,
  isNew: boolean,
): Promise<void> {
  const { address, name, nodedefid, primary, isController } = node;
  const hint = node.hint === undefined || node.hint === null ? {} : { hint: node.hint as object };
  const data = { name, nodedefId: nodedefid, primary, isController, timeStarted: new Date(), ...hint };
  if (isNew) await tx.node.create({ data: { nodeServerId: ref.id, address, ...data } });
  else await tx.node.update({ where: { nodeServerId_address: { nodeServerId: ref.id, address } }, data });
  const drivers = Object.entries(node.drivers);
  // What the service knows is newer than what a node declares at its start.
  await tx.driver.createMany({
    data: drivers.map(([driver, { value, uom }]) => ({ nodeServerId: ref.id, address, driver, value, uom })),
    skipDuplicates: true,
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
    if (found.length > 0) await recordCount(tx, record, ref);
    return found.map(({ address }) => address);
  });
}

async function recordCount(
  tx: Transaction,
  record: Recorder,
  ref: Pick<NodeServerRef, 'id' | 'ownerId'>,
): Promise<void> {
  const nodeCount = await tx.node.count({ where: { nodeServerId: ref.id } });
  record({
    topic: `nodeServers/${ref.id}`,
    operation: 'UPDATE',
    ownerId: ref.ownerId,
    payload: { nodeCount },
  });
}
