import type { PoolClient } from 'pg';
import { BatchQueue, queueOf } from '#core/batch-queue.js';
import type { EventLog } from '#core/events/log.js';
import type { Recorder } from '#core/events/types.js';
import type { Metrics } from '#core/metrics.js';
import { type DriverUpdate, type UpdateResult, writeUpdates } from './store.js';

/** Updates of one transaction at the most. */
const MAX_BATCH = 1000;

/** While the database works on the batch of one queue, the messages of the other are taken in and announced. */
const QUEUES = 2;

/** Writes driver updates of all workers in batches; a node server's go through one queue, in their order. */
export class UpdateWriter {
  readonly #queues: BatchQueue<DriverUpdate, UpdateResult>[];

  constructor(events: EventLog, metrics: Metrics) {
    const write = async (updates: DriverUpdate[]): Promise<UpdateResult[]> => {
      const results = await events.sql((client, record) => writeBatch(client, record, updates));
      metrics.count('driverUpdates', updates.length);
      return results;
    };
    this.#queues = Array.from({ length: QUEUES }, () => new BatchQueue({ max: MAX_BATCH, write }));
  }

  /** Resolves when the updates, all of one node server, are committed, with what became of each. */
  write(updates: DriverUpdate[]): Promise<UpdateResult[]> {
    const first = updates[0];
    if (first === undefined) return Promise.resolve([]);
    return queueOf(this.#queues, first.nodeServerId).add(updates);
  }
}

async function writeBatch(
  client: PoolClient,
  record: Recorder,
  updates: DriverUpdate[],
): Promise<UpdateResult[]> {
  const results = new Array<UpdateResult>(updates.length).fill('unchanged');
  for (const wave of wavesOf(updates)) {
    const written = await writeUpdates(
      client,
      wave.map((i) => updates[i] as DriverUpdate),
    );
    wave.forEach((i, k) => {
      results[i] = written[k] ?? 'unchanged';
    });
  }
  updates.forEach((update, i) => {
    if (results[i] !== 'changed') return;
    const { nodeServerId, ownerId, address, driver, value, uom } = update;
    record({
      topic: `nodeServers/${nodeServerId}/nodes/${address}/drivers/${driver}`,
      operation: 'UPDATE',
      ownerId,
      payload: { value, uom },
    });
  });
  return results;
}

/**
 * Splits updates into waves in which no driver stands twice: a statement changes a row once, and a value that goes
 * up and down within one batch must leave both facts in the log.
 */
export function wavesOf(updates: DriverUpdate[]): number[][] {
  const times = new Map<string, number>();
  const waves: number[][] = [];
  updates.forEach(({ nodeServerId, address, driver }, i) => {
    const key = `${nodeServerId}/${address}/${driver}`;
    const wave = times.get(key) ?? 0;
    times.set(key, wave + 1);
    waves[wave] ??= [];
    waves[wave].push(i);
  });
  return waves;
}
