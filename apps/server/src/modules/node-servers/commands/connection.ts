import type { DriverScalar } from '@polyrelay/contract';
import type { Context } from '../context.js';
import type { NodeServerRef } from '../refs.js';

/** Hundreds come back together after a restart: one statement each. */
const CONNECTED = `
UPDATE node_servers SET connected = true, time_started = now(), first_run = false, state = 'connected', state_reason = '',
  changed_at = now()
WHERE id = $1 AND NOT connected AND state <> 'deleting' RETURNING time_started`;

/** Only a connected worker falls silent; one that is being stopped or restarted has its state already. */
const DISCONNECTED = `
UPDATE node_servers SET connected = false, last_disconnect = now(), changed_at = now(),
  state = CASE WHEN state <> 'connected' THEN state WHEN runtime = 'local' THEN 'stopped' ELSE 'silent' END,
  state_reason = CASE WHEN state = 'connected' AND runtime <> 'local' THEN 'Its connection is gone' ELSE state_reason END
WHERE id = $1 AND connected RETURNING last_disconnect, state, state_reason`;

/** A worker has come: it is marked connected, and its controller node's `ST` follows (PGC section 4). */
export async function workerConnected(context: Context, ref: NodeServerRef): Promise<void> {
  const changed = await context.app.events.sql(async (client, record) => {
    const { rows } = await client.query<{ time_started: Date }>({
      name: 'worker-connected',
      text: CONNECTED,
      values: [ref.id],
    });
    const timeStarted = rows[0]?.time_started.toISOString();
    if (timeStarted === undefined) return false;
    const payload = { connected: true, state: 'connected', stateReason: '', timeStarted };
    record({ topic: `nodeServers/${ref.id}`, operation: 'UPDATE', ownerId: ref.ownerId, payload });
    return true;
  });
  if (changed) await announce(context, ref, true);
}

interface DisconnectedRow {
  last_disconnect: Date;
  state: string;
  state_reason: string;
}

/** A worker's connection is gone. It stays `silent` until it comes back, or its process is found to have ended. */
export async function workerDisconnected(context: Context, ref: NodeServerRef): Promise<void> {
  const changed = await context.app.events.sql(async (client, record) => {
    const { rows } = await client.query<DisconnectedRow>({
      name: 'worker-disconnected',
      text: DISCONNECTED,
      values: [ref.id],
    });
    const row = rows[0];
    if (row === undefined) return false;
    const payload = {
      connected: false,
      state: row.state,
      stateReason: row.state_reason,
      lastDisconnect: row.last_disconnect.toISOString(),
    };
    record({ topic: `nodeServers/${ref.id}`, operation: 'UPDATE', ownerId: ref.ownerId, payload });
    return true;
  });
  if (changed) await announce(context, ref, false);
}

/** Read with SQL for the same reason. */
const CONTROLLER_STATUS = `
SELECT d.address, d.value, d.uom FROM drivers d JOIN nodes n USING (node_server_id, address)
WHERE d.node_server_id = $1 AND d.driver = 'ST' AND n.is_controller`;

/** The controller node's `ST` is 1 while its worker is connected, 0 otherwise. */
async function announce(context: Context, ref: NodeServerRef, connected: boolean): Promise<void> {
  const { app, writer, signals } = context;
  const { rows } = await app.database.pool.query<{ address: string; value: DriverScalar; uom: DriverScalar }>(
    {
      name: 'controller-status',
      text: CONTROLLER_STATUS,
      values: [ref.id],
    },
  );
  await writer.write(
    rows.map(({ address, value, uom }) => ({
      nodeServerId: ref.id,
      ownerId: ref.ownerId,
      address,
      driver: 'ST',
      value: typeof value === 'number' ? Number(connected) : connected ? '1' : '0',
      uom,
    })),
  );
  signals.emit('connection', { nodeServerId: ref.id, worker: ref.worker, connected });
  // It started with a record in which it was away; with hundreds of nodes, in one without them.
  if (connected && rows.length > 0) context.link.configNeeded(ref);
}
