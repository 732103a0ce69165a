import type { FastifyInstance } from 'fastify';
import pLimit from 'p-limit';
import { DomainError } from '#core/errors.js';
import type { RecordedEvent } from '#core/events/types.js';
import { type KeptAgents, keptAgents } from '#core/outgoing-agents.js';
import { recordOf } from '../store.js';
import { PACE, type Pace } from './backoff.js';
import { type DeliveryEnd, HttpDelivery } from './delivery.js';
import { Lanes } from './lanes.js';
import { Parked } from './parked.js';
import { findFree, findRow } from './state.js';

/** How often it looks for monitors whose process is gone. */
const LOOK_EVERY_MS = 10_000;
const LOOK_AT = 500;
/** Sessions that are being opened at once. */
const OPENED_AT_ONCE = 8;
/** One block at a time keeps the order. */
const WINDOW = { blocks: 1, bytes: 1024 * 1024 };

/** Sends the events of HTTP monitors. Of several replicas one does so for a monitor; another takes over when it is gone. */
export class HttpRunner {
  /** Pauses between tries. */
  readonly pace: Pace = { ...PACE };
  readonly #app: FastifyInstance;
  readonly #agents: KeptAgents;
  readonly #lanes = new Lanes();
  readonly #limit = pLimit(OPENED_AT_ONCE);
  readonly #deliveries = new Map<number, HttpDelivery>();
  /** Being opened; whether something happened to it meanwhile. */
  readonly #opening = new Map<number, boolean>();
  readonly #parked: Parked;
  readonly #ends: (() => void)[] = [];
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#agents = keptAgents(app.config.allowPrivateUrls);
    // What is parked is this process's own: the row that says so is replaced.
    this.#parked = new Parked(app, (id, failures) => this.#consider(id, { failures, ifFree: false }));
  }

  /** Monitors that this process sends for. */
  get running(): number {
    return this.#deliveries.size;
  }

  /** Monitors that wait long for their next try, without a session. */
  get waiting(): number {
    return this.#parked.size;
  }

  start(): void {
    this.#ends.push(this.#app.events.on('monitors/+', (event) => this.#heard(event)));
    const timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.#ends.push(() => clearInterval(timer));
    void this.look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const end of this.#ends.splice(0)) end();
    await this.#looking;
    await Promise.all([...this.#deliveries.values()].map((delivery) => delivery.close()));
    await this.#parked.stop().catch(() => undefined);
    this.#agents.destroy();
  }

  /** Takes monitors that nobody sends for. Resolves when it has them. */
  look(): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#takeFree())
      .catch((error: unknown) => {
        this.#app.log.warn({ err: error }, 'HTTP monitors could not be looked for; trying again soon');
      });
    return this.#looking;
  }

  async #takeFree(): Promise<void> {
    if (this.#stopped) return;
    await this.#parked.renew();
    const free = await findFree(this.#app, LOOK_AT);
    await Promise.all(free.map((id) => this.#consider(id)));
    // There may be more, unless these stay free for some reason.
    if (free.length === LOOK_AT && free.some((id) => this.#deliveries.has(id))) void this.look();
  }

  #heard({ topic, operation, payload }: RecordedEvent): void {
    const id = Number(topic.split('/')[1]);
    if (!Number.isInteger(id) || this.#deliveries.has(id)) return;
    // How it does is no reason to try it; that it was changed is.
    if (operation === 'UPDATE' && !('changed' in payload)) return;
    const wasParked = this.#parked.remove(id);
    void this.#consider(id, { failures: 0, ifFree: !wasParked });
  }

  /** Opens a monitor, if it is one over HTTP that is free and not given up. */
  async #consider(id: number, how: { failures: number; ifFree: boolean } = { failures: 0, ifFree: true }) {
    if (this.#stopped || this.#deliveries.has(id)) return;
    if (this.#opening.has(id)) {
      this.#opening.set(id, true);
      return;
    }
    this.#opening.set(id, false);
    await this.#limit(() => this.#open(id, how)).catch((error: unknown) => {
      const expected = error instanceof DomainError && error.kind !== 'internal';
      if (!expected) this.#app.log.warn({ err: error, monitor: id }, 'an HTTP monitor could not be started');
    });
    const again = this.#opening.get(id) === true;
    this.#opening.delete(id);
    if (again) await this.#consider(id);
  }

  async #open(id: number, { failures, ifFree }: { failures: number; ifFree: boolean }): Promise<void> {
    const row = await findRow(this.#app, id);
    if (row === null || this.#stopped) return;
    const monitor = recordOf(this.#app.keyring, row);
    let over = false;
    const delivery: HttpDelivery = new HttpDelivery({
      app: this.#app,
      monitor,
      agents: this.#agents,
      lanes: this.#lanes,
      pace: this.pace,
      failures,
      ended: (end) => {
        over = true;
        this.#deliveries.delete(id);
        this.#ended(id, end);
      },
    });
    const options = { peer: new URL(monitor.transportUrl).host, window: WINDOW, ifFree };
    delivery.begin(await this.#app.monitors.open(monitor, delivery, options));
    if (this.#stopped) await delivery.close();
    else if (!over) this.#deliveries.set(id, delivery);
  }

  #ended(id: number, end: DeliveryEnd): void {
    if (this.#stopped) return;
    if (end.reason === 'parked')
      this.#parked.add(id, end.failures, end.pauseMs).catch((error: unknown) => {
        this.#app.log.warn({ err: error, monitor: id }, 'an HTTP monitor could not be held');
      });
    if (end.reason === 'changed') void this.#consider(id);
  }
}
