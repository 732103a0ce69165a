import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { hold, releaseHeld, renewHeld } from './state.js';

/**
 * Monitors whose servers fail and that wait long for their next try. They have no session and no block in memory
 * meanwhile; a row in the place of the session says that this process cares for them.
 */
export class Parked {
  readonly #app: FastifyInstance;
  readonly #claim = randomUUID();
  readonly #waiting = new Map<number, NodeJS.Timeout>();
  /** Next try of a monitor. */
  readonly #due: (id: number, failures: number) => void;

  constructor(app: FastifyInstance, due: (id: number, failures: number) => void) {
    this.#app = app;
    this.#due = due;
  }

  get size(): number {
    return this.#waiting.size;
  }

  async add(id: number, failures: number, pauseMs: number): Promise<void> {
    const due = (): void => {
      this.#waiting.delete(id);
      this.#due(id, failures);
    };
    const timer = setTimeout(due, pauseMs);
    this.#waiting.set(id, timer);
    const isHeld = await hold(this.#app, id, this.#claim);
    if (!isHeld && this.#waiting.get(id) === timer) this.remove(id);
    // It was taken out meanwhile.
    if (isHeld && !this.#waiting.has(id)) await releaseHeld(this.#app, this.#claim, id);
  }

  /** It was changed or deleted, or belongs to another process. @returns whether it was here */
  remove(id: number): boolean {
    clearTimeout(this.#waiting.get(id));
    return this.#waiting.delete(id);
  }

  async renew(): Promise<void> {
    if (this.#waiting.size > 0) await renewHeld(this.#app, this.#claim);
  }

  async stop(): Promise<void> {
    if (this.#waiting.size === 0) return;
    for (const id of [...this.#waiting.keys()]) this.remove(id);
    await releaseHeld(this.#app, this.#claim);
  }
}
