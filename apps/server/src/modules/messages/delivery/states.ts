import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import { BatchQueue } from '#core/batch-queue.js';
import { isDatabaseAway } from '#core/database/database.js';
import type { Recorder } from '#core/events/types.js';
import { type StateChange, updateStates } from './store.js';

/** Changes of one transaction at the most. */
const MAX_BATCH = 1000;

/** While the database is away it is tried again this often. */
const RETRY_MS = 500;

/** Writes what became of messages to things, many in one statement. */
export class States {
  readonly #app: FastifyInstance;
  readonly #queue: BatchQueue<StateChange, undefined>;
  /** Acknowledged ones on their way to the disk. */
  readonly #delivering = new Set<string>();
  readonly #writing = new Set<Promise<void>>();
  #stopped = false;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#queue = new BatchQueue({
      max: MAX_BATCH,
      write: async (changes) => {
        await app.events.sql((client, record) => writeStates(client, record, changes));
        return changes.map(() => undefined);
      },
    });
  }

  /** Whether a message was acknowledged, also while the database does not know it yet. */
  isDelivered(id: string): boolean {
    return this.#delivering.has(id);
  }

  /** Writes that a message was acknowledged. Resolves as {@link write} does. */
  async delivered(change: Omit<StateChange, 'state'>): Promise<void> {
    this.#delivering.add(change.id);
    await this.write({ ...change, state: 'delivered' });
    this.#delivering.delete(change.id);
  }

  /** Resolves when it is committed, or given up: the message then comes again, with the same id. */
  write(change: StateChange): Promise<void> {
    const writing = this.#write(change).finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
    return writing;
  }

  async #write(change: StateChange): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#queue.add([change]);
        return;
      } catch (error) {
        if (!isDatabaseAway(error)) {
          this.#app.log.error(
            { err: error, message: change.id },
            'the state of a message could not be written',
          );
          return;
        }
      }
      await delay(RETRY_MS);
    }
  }

  /** What is not written in time comes again, with the same id. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#writing);
  }
}

/** Writes the changes with their events. */
export async function writeStates(
  client: PoolClient,
  record: Recorder,
  changes: StateChange[],
): Promise<void> {
  const once = new Map<string, StateChange>();
  // A message that was handed over twice is delivered if one of them was.
  for (const change of changes) if (once.get(change.id)?.state !== 'delivered') once.set(change.id, change);
  const written = await updateStates(client, [...once.values()]);
  for (const { id, thingId, ownerId, state, at } of once.values())
    if (written.has(id))
      record({
        topic: `things/${thingId}/messages/${id}`,
        operation: 'UPDATE',
        ownerId,
        payload: { state, stateAt: at.toISOString() },
      });
}
