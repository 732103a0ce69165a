import type { PoolClient } from 'pg';
import { isDatabaseAway } from '#core/database/database.js';
import type { EventLog } from '#core/events/log.js';
import type { Recorder } from '#core/events/types.js';
import type { Metrics } from '#core/metrics.js';
import { type DriverUpdate, type UpdateResult, writeUpdates } from './store.js';

/** Updates of one transaction at the most. */
const MAX_BATCH = 1000;

/** While the database works on the batch of one queue, the messages of the other are taken in and announced. */
const QUEUES = 2;

interface Waiting {
  updates: DriverUpdate[];
  resolve(results: UpdateResult[]): void;
  reject(error: unknown): void;
}

/** Writes driver updates of all workers in batches; a node server's go through one queue, in their order. */
export class UpdateWriter {
  readonly #queues: UpdateQueue[];

  constructor(events: EventLog, metrics: Metrics) {
    this.#queues = Array.from({ length: QUEUES }, () => new UpdateQueue(events, metrics));
  }

  /** Resolves when the updates, all of one node server, are committed, with what became of each. */
  write(updates: DriverUpdate[]): Promise<UpdateResult[]> {
    const first = updates[0];
    if (first === undefined) return Promise.resolve([]);
    const queue = this.#queues[Number.parseInt(first.nodeServerId.slice(-2), 16) % QUEUES];
    return queue?.write(updates) ?? Promise.resolve([]);
  }
}

/**
 * While one batch is on its way to the disk the next one collects, so that a single update waits for nothing and a
 * storm is written a thousand at a time.
 */
class UpdateQueue {
  readonly #events: EventLog;
  readonly #metrics: Metrics;
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(events: EventLog, metrics: Metrics) {
    this.#events = events;
    this.#metrics = metrics;
  }

  write(updates: DriverUpdate[]): Promise<UpdateResult[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ updates, resolve, reject });
      if (this.#writing) return;
      this.#writing = true;
      // After this turn of the event loop: what came in one read of the socket goes together.
      setImmediate(() => void this.#writeAll());
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        const results = await this.#commit(batch.flatMap(({ updates }) => updates));
        let from = 0;
        for (const { updates, resolve } of batch) {
          resolve(results.slice(from, from + updates.length));
          from += updates.length;
        }
      } catch (error) {
        // A value that the database does not take, or a node that is being removed, must not harm the others.
        if (batch.length > 1 && !isDatabaseAway(error)) await this.#writeEach(batch);
        else for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = false;
  }

  async #writeEach(batch: Waiting[]): Promise<void> {
    for (const { updates, resolve, reject } of batch) await this.#commit(updates).then(resolve, reject);
  }

  async #commit(updates: DriverUpdate[]): Promise<UpdateResult[]> {
    const results = await this.#events.sql((client, record) => writeBatch(client, record, updates));
    this.#metrics.count('driverUpdates', updates.length);
    return results;
  }

  #take(): Waiting[] {
    let count = 0;
    let end = 0;
    while (
      end < this.#waiting.length &&
      (end === 0 || count + (this.#waiting[end]?.updates.length ?? 0) <= MAX_BATCH)
    ) {
      count += this.#waiting[end]?.updates.length ?? 0;
      end++;
    }
    return this.#waiting.splice(0, end);
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
