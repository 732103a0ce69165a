import type { Context } from '../context.js';
import type { NodeServerRef } from '../refs.js';

/** A worker has come: it is marked connected, and its controller node's `ST` follows (PGC section 4). */
export async function workerConnected(context: Context, ref: NodeServerRef): Promise<void> {
  const changed = await context.app.events.transaction(async (tx, record) => {
    const timeStarted = new Date();
    const { count } = await tx.nodeServer.updateMany({
      where: { id: ref.id, connected: false },
      data: {
        connected: true,
        timeStarted,
        firstRun: false,
        state: 'connected',
        stateReason: '',
        changedAt: timeStarted,
      },
    });
    if (count === 0) return false;
    const payload = {
      connected: true,
      state: 'connected',
      stateReason: '',
      timeStarted: timeStarted.toISOString(),
    };
    record({ topic: `nodeServers/${ref.id}`, operation: 'UPDATE', ownerId: ref.ownerId, payload });
    return true;
  });
  if (changed) await announce(context, ref, true);
}

/** A worker's connection is gone. It stays `silent` until it comes back, or its process is found to have ended. */
export async function workerDisconnected(context: Context, ref: NodeServerRef): Promise<void> {
  const changed = await context.app.events.transaction(async (tx, record) => {
    const lastDisconnect = new Date();
    const row = await tx.nodeServer.findUnique({
      where: { id: ref.id },
      select: { connected: true, state: true, runtime: true },
    });
    if (row === null || !row.connected) return false;
    // Only a connected worker falls silent; one that is being stopped or restarted has its state already.
    const fallen = row.state === 'connected';
    const state = fallen ? (row.runtime === 'local' ? 'stopped' : 'silent') : row.state;
    const stateReason = fallen && row.runtime !== 'local' ? 'Its connection is gone' : '';
    await tx.nodeServer.update({
      where: { id: ref.id },
      data: {
        connected: false,
        lastDisconnect,
        changedAt: lastDisconnect,
        ...(fallen ? { state, stateReason } : {}),
      },
    });
    const payload = {
      connected: false,
      lastDisconnect: lastDisconnect.toISOString(),
      ...(fallen ? { state, stateReason } : {}),
    };
    record({ topic: `nodeServers/${ref.id}`, operation: 'UPDATE', ownerId: ref.ownerId, payload });
    return true;
  });
  if (changed) await announce(context, ref, false);
}

/** The controller node's `ST` is 1 while its worker is connected, 0 otherwise. */
async function announce(context: Context, ref: NodeServerRef, connected: boolean): Promise<void> {
  const { app, writer, signals } = context;
  const controllers = await app.database.prisma.driver.findMany({
    where: { nodeServerId: ref.id, driver: 'ST', node: { isController: true } },
    select: { address: true, driver: true, value: true, uom: true },
  });
  await writer.write(
    controllers.map(({ address, driver, value, uom }) => ({
      nodeServerId: ref.id,
      ownerId: ref.ownerId,
      address,
      driver,
      value: typeof value === 'number' ? Number(connected) : connected ? '1' : '0',
      uom: uom as string | number,
    })),
  );
  signals.emit('connection', { nodeServerId: ref.id, worker: ref.worker, connected });
}
