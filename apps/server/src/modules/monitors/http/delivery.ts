import type { FastifyInstance } from 'fastify';
import type { KeptAgents } from '#core/outgoing-agents.js';
import type { Block, BlockSink, MonitorRecord, PushSession, SessionEnd } from '../types.js';
import { type Pace, pauseAfter } from './backoff.js';
import { Lane, type Lanes } from './lanes.js';
import { type Outcome, sendBlock } from './request.js';
import { noteFailure, noteSuccess } from './state.js';

/** A pause that is longer than this is spent without a session: a dead server holds no block in memory. */
const PARKED_FROM_MS = 15_000;

/** Why a delivery is over: as the engine says, or it waits for its next try, `pauseMs` from now. */
export type DeliveryEnd = { reason: SessionEnd } | { reason: 'parked'; pauseMs: number; failures: number };

interface DeliveryOptions {
  app: FastifyInstance;
  monitor: MonitorRecord;
  agents: KeptAgents;
  lanes: Lanes;
  pace: Pace;
  /** Failures one after the other, before it. */
  failures: number;
  /** Told once, when the session is closed. */
  ended(end: DeliveryEnd): void;
}

/** Sends the blocks of one monitor as requests, one at a time and each until its server took it. */
export class HttpDelivery implements BlockSink {
  readonly #options: DeliveryOptions;
  readonly #lane: Lane;
  readonly #abort = new AbortController();
  #session: PushSession | undefined;
  #failures: number;
  /** Its server took the last block, and that is noted. */
  #healthy = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#failures = options.failures;
    this.#lane = new Lane(options.lanes);
  }

  /** Its session was opened. */
  begin(session: PushSession): void {
    this.#session = session;
  }

  send(block: Block): void {
    this.#deliver(block).catch((error: unknown) => {
      this.#options.app.log.error(
        { err: error, monitor: this.#options.monitor.id },
        'an HTTP monitor failed',
      );
      void this.#close({ reason: 'failed' });
    });
  }

  end(reason: SessionEnd): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    this.#options.ended({ reason });
  }

  /** Ends it; the block that is out comes again in the next session. */
  close(): Promise<void> {
    return this.#close({ reason: 'closing' });
  }

  async #close(end: DeliveryEnd): Promise<void> {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    await this.#session?.close();
    this.#options.ended(end);
  }

  async #deliver(block: Block): Promise<void> {
    const { signal } = this.#abort;
    for (let tries = 0; !signal.aborted; tries++) {
      const outcome = await this.#try({ ...block, attempts: block.attempts + tries });
      if (signal.aborted) return;
      if (outcome.delivered) {
        await this.#succeeded();
        this.#session?.delivered(block.blockId);
        return;
      }
      this.#healthy = false;
      this.#failures++;
      this.#session?.failed(block.blockId, outcome.why);
      if (await this.#isGivenUp(outcome.why)) return this.#close({ reason: 'disabled' });
      const pauseMs = pauseAfter(this.#failures, this.#options.pace, outcome.waitMs);
      if (pauseMs >= PARKED_FROM_MS)
        return this.#close({ reason: 'parked', pauseMs, failures: this.#failures });
      await this.#pause(pauseMs);
    }
  }

  #try(block: Block): Promise<Outcome> {
    const { monitor, agents } = this.#options;
    return this.#lane.run(
      () => sendBlock(monitor, block, agents, this.#abort.signal),
      ({ delivered }) => delivered,
    );
  }

  async #succeeded(): Promise<void> {
    this.#failures = 0;
    if (this.#healthy) return;
    const { app, monitor } = this.#options;
    // What cannot be noted now is with the next block.
    this.#healthy = await noteSuccess(app, monitor).then(
      () => true,
      () => false,
    );
  }

  /** While the database is away nothing is given up. */
  #isGivenUp(why: string): Promise<boolean> {
    const { app, monitor } = this.#options;
    return noteFailure(app, monitor, why).catch(() => false);
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#abort;
    return new Promise((resolve) => {
      const over = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', over);
        resolve();
      };
      const timer = setTimeout(over, ms);
      signal.addEventListener('abort', over);
    });
  }
}
