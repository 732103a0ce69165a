import type { Logger } from 'pino';
import { BatchQueue } from '#core/batch-queue.js';
import type { Database } from '#core/database/database.js';
import type { EventLog } from '#core/events/log.js';
import type { Recorder } from '#core/events/types.js';
import { keepsPlace } from '../types.js';
import {
  DEAD_AFTER_S,
  type LeftMonitor,
  leaveDeadSessions,
  leaveSessions,
  renewSessions,
  type SessionRow,
} from './store.js';

const RENEW_MS = 20_000;
/** Dead sessions are looked for more often: nobody stands for connected much longer than a minute after a crash. */
const SWEEP_MS = 5000;

/** Which sessions are alive, in the database: renewed, left, and taken away from processes that are gone. */
export class Presence {
  readonly #database: Database;
  readonly #events: EventLog;
  readonly #log: Logger;
  readonly #own: () => SessionRow[];
  readonly #lost: (monitorId: number, id: string) => void;
  readonly #leaving: BatchQueue<SessionRow, undefined>;
  readonly #timers: NodeJS.Timeout[] = [];
  #renewing: Promise<void> = Promise.resolve();
  /** The last renewal got through: then those that are old are really dead. */
  #renewed = true;

  /** @param options.own sessions of this process; @param options.lost told of one that is another’s now */
  constructor(options: {
    database: Database;
    events: EventLog;
    log: Logger;
    own: () => SessionRow[];
    lost: (monitorId: number, id: string) => void;
  }) {
    this.#database = options.database;
    this.#events = options.events;
    this.#log = options.log;
    this.#own = options.own;
    this.#lost = options.lost;
    this.#leaving = new BatchQueue({ max: 500, write: (rows) => this.#leave(rows) });
  }

  /**
   * Resolves when sessions that are dead have been ended.
   * @param alone no other process has this database: every session in it is of one that was killed
   */
  async start(alone: boolean): Promise<void> {
    this.#timers.push(
      setInterval(() => void this.renew(), RENEW_MS).unref(),
      setInterval(() => void this.sweep(), SWEEP_MS).unref(),
    );
    await this.sweep(alone ? 0 : DEAD_AFTER_S);
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  /** Says that the sessions of this process are alive. */
  renew(): Promise<void> {
    this.#renewing = this.#renewing.then(async () => {
      const own = this.#own();
      if (own.length === 0) return;
      try {
        const held = await renewSessions(this.#database.pool, own);
        this.#renewed = true;
        for (const { monitorId, id } of own) if (!held.has(monitorId)) this.#lost(monitorId, id);
      } catch (error) {
        this.#renewed = false;
        this.#log.warn({ err: error }, 'the sessions of monitors could not be renewed; trying again');
      }
    });
    return this.#renewing;
  }

  /** Ends the sessions of processes that are gone. */
  async sweep(deadAfterS = DEAD_AFTER_S): Promise<void> {
    try {
      if (!this.#renewed) await this.renew();
      if (!this.#renewed) return;
      await this.#events.sql(async (client, record) =>
        recordLeft(await leaveDeadSessions(client, deadAfterS), record),
      );
    } catch (error) {
      this.#log.debug({ err: error }, 'dead sessions of monitors were not looked for');
    }
  }

  /** Ends a session of this process: nobody is connected then, unless another took over. */
  async leave(row: SessionRow): Promise<void> {
    // A renewal that is under way would make the row again.
    await this.#renewing;
    await this.#leaving.addOne(row);
  }

  async #leave(rows: SessionRow[]): Promise<undefined[]> {
    await this.#events.sql(async (client, record) => recordLeft(await leaveSessions(client, rows), record));
    return rows.map(() => undefined);
  }
}

/** The state of HTTP monitors says something else: whether their server answers. */
function recordLeft(monitors: LeftMonitor[], record: Recorder): void {
  for (const { id, ownerId, transportType, ackOption, autoReplayOnConnect } of monitors) {
    if (transportType === 'http') continue;
    const keeps = keepsPlace({ transportType, ackOption, autoReplayOnConnect } as Parameters<
      typeof keepsPlace
    >[0]);
    record({
      topic: `monitors/${id}`,
      operation: 'UPDATE',
      ownerId,
      payload: { status: keeps ? 'SUSPENDED' : 'INACTIVE', peer: null },
    });
  }
}
