import type { FastifyInstance } from 'fastify';
import { deleteMessages } from './commands/delete.js';
import { databaseTime, ownersOfThings, thingsWithOlder } from './store.js';

const EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Deletes messages that are older than their owner's policy keeps them: after the start, every hour, and when a policy changes. */
export class Retention {
  readonly #app: FastifyInstance;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #again = false;

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  start(): void {
    this.sweep();
    this.#timer = setInterval(() => this.sweep(), EVERY_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#sweeping;
  }

  /** Sweeps now; once more when it is being done already. */
  sweep(): void {
    this.#again = true;
    this.#sweeping ??= this.#sweepAll().finally(() => {
      this.#sweeping = undefined;
      if (this.#again && !this.#stop.signal.aborted) this.sweep();
    });
  }

  async #sweepAll(): Promise<void> {
    this.#again = false;
    const { pool } = this.#app.database;
    try {
      for (const ownerId of await ownersOfThings(pool)) await this.#sweepOwner(ownerId);
    } catch (error) {
      if (!this.#stop.signal.aborted)
        this.#app.logger.warn({ err: error }, 'old messages could not be deleted; trying again in an hour');
    }
  }

  async #sweepOwner(ownerId: string): Promise<void> {
    const { database, policies } = this.#app;
    const { retentionDays } = await policies.limitsOf(ownerId);
    if (retentionDays === null || this.#stop.signal.aborted) return;
    const to = new Date((await databaseTime(database.pool)).getTime() - retentionDays * DAY_MS);
    for (const { id: thingId } of await thingsWithOlder(database.pool, ownerId, to)) {
      if (this.#stop.signal.aborted) return;
      await deleteMessages(this.#app, ownerId, { thingId, to }, this.#stop.signal);
    }
  }
}
