import type { FastifyInstance } from 'fastify';
import { limitsFor, type Queryable } from './store.js';

type Limits = Awaited<ReturnType<typeof limitsFor>>;

/** The limits of each user, read once and kept until they change, on this replica or another one. */
export class LimitsCache {
  readonly #app: FastifyInstance;
  /** Promises, so that a reading from before a change is forgotten with it, however late it ends. */
  readonly #kept = new Map<string, Promise<Limits>>();

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.events.on('policies/+', ({ topic }) => this.forget(topic.split('/')[1] ?? ''));
  }

  /** @param database where they are read: inside a transaction its connection, so that none waits for another one */
  of(userId: string, database: Queryable = this.#app.database.pool): Promise<Limits> {
    const kept = this.#kept.get(userId);
    if (kept !== undefined) return kept;
    const reading = limitsFor(database, userId);
    this.#kept.set(userId, reading);
    reading.catch(() => this.#kept.get(userId) === reading && this.#kept.delete(userId));
    return reading;
  }

  /** @param scope a user's id, or `default`, which may hold for anybody */
  forget(scope: string): void {
    if (scope === 'default') this.#kept.clear();
    else this.#kept.delete(scope);
  }
}
