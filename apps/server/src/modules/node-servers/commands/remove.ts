import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '../context.js';
import type { NodeServerRow } from '../store/rows.js';
import { removeArchives, sourcesOf } from '../uploads.js';

/** A worker that is being deleted has this long to clean up (PGC section 4). */
const PATIENCE_MS = 5000;
const LOOK_EVERY_MS = 50;

/** Marks a node server as being deleted: from here on its PGURL and its messages are refused, and it never starts again. */
export async function beginRemoval(context: Context, row: NodeServerRow): Promise<void> {
  const payload = { state: 'deleting', stateReason: 'Its worker has 5 seconds to clean up' };
  await context.app.events.transaction(async (tx, record) => {
    await tx.nodeServer.update({
      where: { id: row.id },
      data: { ...payload, desired: 'stopped', changedAt: new Date() },
    });
    record({ topic: `nodeServers/${row.id}`, operation: 'UPDATE', ownerId: row.ownerId, payload });
  });
}

/**
 * Tells the worker, waits until it is gone (at most 5 s), ends its process, and deletes everything. Runs again after
 * a restart of the service in the middle of it.
 */
export async function finishRemoval(
  context: Context,
  row: Pick<NodeServerRow, 'id' | 'worker' | 'ownerId' | 'source' | 'previous'>,
): Promise<void> {
  const { app, link, deleteHooks, refs } = context;
  const until = Date.now() + PATIENCE_MS;
  const wasTold = await link.send(row, { delete: {} }).catch(() => false);
  if (wasTold) {
    while (Date.now() < until && (await isConnected(context, row.id))) await delay(LOOK_EVERY_MS);
  }
  // A published module disconnects before it cleans up.
  const patienceMs = wasTold ? Math.max(0, until - Date.now()) : 0;
  for (const hook of deleteHooks) await hook({ ...row, patienceMs });
  await removeArchives(app, sourcesOf(row));
  await app.events.transaction(async (tx, record) => {
    await tx.$executeRaw`DELETE FROM driver_samples WHERE driver_id IN (SELECT id FROM drivers WHERE node_server_id = ${row.id}::uuid)`;
    await tx.nodeServer.deleteMany({ where: { id: row.id } });
    record({ topic: `nodeServers/${row.id}`, operation: 'DELETION', ownerId: row.ownerId });
  });
  refs.forget(row.id);
  app.mqtt.disconnect({ kind: 'worker', id: row.worker });
}

async function isConnected({ app }: Context, id: string): Promise<boolean> {
  const row = await app.database.prisma.nodeServer.findUnique({ where: { id }, select: { connected: true } });
  return row?.connected ?? false;
}
