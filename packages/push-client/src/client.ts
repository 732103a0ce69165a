import type { Block } from './block.js';
import type { Monitor, MonitorSettings } from './monitor.js';
import { Monitors } from './monitors.js';
import { type BlockCallback, PushSession } from './session.js';
import { checked, monitorIdOf, type PushClientOptions, type Settings } from './settings.js';

/** What hears of a session behind `events`. */
export interface EventsOptions {
  /** Gets it before it connects, for its events `open` and `lost`. */
  onSession?: (session: PushSession) => void;
}

/** Makes push monitors of a user, and receives their events. */
export class PushClient {
  readonly #settings: Settings;
  readonly #monitors: Monitors;
  readonly #sessions = new Set<PushSession>();

  /** @throws PushError `USAGE` */
  constructor(options: PushClientOptions) {
    this.#settings = checked(options);
    this.#monitors = new Monitors(this.#settings);
  }

  /** Makes a monitor for TCP. @returns its id @throws PushError */
  createMonitor(settings: MonitorSettings): Promise<number> {
    return this.#monitors.create(settings);
  }

  /** The first monitor with exactly these topics, in this order. @throws PushError */
  findMonitor(topics: string | readonly string[]): Promise<Monitor | undefined> {
    return this.#monitors.find(topics);
  }

  /** @throws PushError */
  getMonitor(id: number): Promise<Monitor | undefined> {
    return this.#monitors.get(id);
  }

  /** @returns whether it was there @throws PushError */
  deleteMonitor(id: number): Promise<boolean> {
    return this.#monitors.delete(id);
  }

  /**
   * Hands a monitor's blocks to a callback, and connects again whenever the connection is lost. `done` of what it
   * returns rejects when the service refuses.
   * @throws PushError `USAGE`
   */
  session(monitorId: number, callback: BlockCallback): PushSession {
    return this.#open(monitorId, callback);
  }

  /**
   * A monitor's blocks, to be acknowledged one by one. Leaving the loop closes the session.
   * @throws PushError when it cannot go on
   */
  async *events(monitorId: number, { onSession }: EventsOptions = {}): AsyncGenerator<Block, void, void> {
    const session = this.#open(monitorId);
    onSession?.(session);
    try {
      for (let block = await session.next(); block !== undefined; block = await session.next()) yield block;
    } finally {
      session.close();
      await session.done;
    }
  }

  /** Closes all sessions; resolves when the callbacks under way have ended and their acknowledgements are out. */
  async stopAll(): Promise<void> {
    for (const session of this.#sessions) session.close();
    await Promise.allSettled([...this.#sessions].map(({ done }) => done));
  }

  #open(monitorId: number, callback?: BlockCallback): PushSession {
    const session = new PushSession(this.#settings, monitorIdOf(monitorId), callback);
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
    return session;
  }
}
