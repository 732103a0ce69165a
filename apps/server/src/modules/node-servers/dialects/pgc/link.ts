import { pgcTopics, type WorkerMessage } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { WorkerLink } from '../../context.js';
import { readRecord, recordJson } from '../../store/record.js';
import { ConfigSchedule } from './config-schedule.js';

interface Target {
  id: string;
  worker: string;
}

/**
 * Published Python modules say that they are connected before they subscribe, and what is sent in between is lost.
 * Where the broker does not tell of the subscription, it is given this long.
 */
const SUBSCRIBE_MS = 1000;

interface Connection {
  listening: boolean;
  /** Resolves when the worker listens, or is gone again. */
  settled: Promise<void>;
  settle(): void;
}

interface Pending {
  schedule: ConfigSchedule;
  timer: NodeJS.Timeout | undefined;
  due: number;
  sending: boolean;
  /** Asked for while one is being sent, which may not show the change yet; and whether urgently. */
  again: boolean | undefined;
}

/** Messages to workers that speak PGC: commands at once, records when they are due. */
export class PgcLink implements WorkerLink {
  readonly #app: FastifyInstance;
  readonly #topics: ReturnType<typeof pgcTopics>;
  readonly #pending = new Map<string, Pending>();
  /** By worker id, as the next. */
  readonly #connections = new Map<string, Connection>();
  readonly #subscribed = new Set<string>();
  /** Workers whose record changed while they were away: they are sent it when they come. */
  readonly #missed = new Set<string>();

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#topics = pgcTopics(app.config.stage);
  }

  /** Told by the dialect when a worker comes and goes. */
  connection(to: Target, connected: boolean): void {
    this.#connections.get(to.worker)?.settle();
    if (!connected) {
      this.#connections.delete(to.worker);
      clearTimeout(this.#pending.get(to.id)?.timer);
      this.#pending.delete(to.id);
      return;
    }
    const connection = newConnection();
    this.#connections.set(to.worker, connection);
    void connection.settled.then(() => {
      if (connection.listening && this.#missed.delete(to.id)) this.configNeeded(to);
    });
    if (this.#subscribed.has(to.worker)) listen(connection);
    else setTimeout(() => listen(connection), SUBSCRIBE_MS).unref();
  }

  /** Told by the dialect when a worker has subscribed to its topic, and when its last connection is gone. */
  listens(worker: string, listening: boolean): void {
    if (!listening) {
      this.#subscribed.delete(worker);
      return;
    }
    this.#subscribed.add(worker);
    const connection = this.#connections.get(worker);
    if (connection !== undefined) listen(connection);
  }

  async send(to: Target, message: WorkerMessage): Promise<boolean> {
    const connection = this.#connections.get(to.worker);
    if (connection?.listening === false) await connection.settled;
    const connected = this.#connections.has(to.worker) || (await this.#connectedElsewhere(to.id));
    // A provider's answer is good for one delivery: who is away gets it when it comes, not twice. A webhook whose
    // worker is away is refused, and its sender tries again.
    if (connected || (message.oauth === undefined && message.webhook === undefined)) {
      await this.#app.mqtt.publish(this.#topics.toWorker(to.worker), JSON.stringify(message), { qos: 1 });
    }
    return connected;
  }

  /** With an outside broker another replica may have taken the worker's greeting: the database knows. */
  async #connectedElsewhere(id: string): Promise<boolean> {
    if (this.#app.mqtt.broker?.kind !== 'outside') return false;
    const text = 'SELECT connected FROM node_servers WHERE id = $1';
    const { rows } = await this.#app.database.pool.query<{ connected: boolean }>(text, [id]);
    return rows[0]?.connected ?? false;
  }

  configNeeded(to: Target, urgent = false): void {
    const outside = this.#app.mqtt.broker?.kind === 'outside';
    const listening = this.#connections.get(to.worker)?.listening ?? outside;
    if (!listening) {
      this.#missed.add(to.id);
      return;
    }
    let pending = this.#pending.get(to.id);
    if (pending === undefined) {
      pending = {
        schedule: new ConfigSchedule(),
        timer: undefined,
        due: Number.POSITIVE_INFINITY,
        sending: false,
        again: undefined,
      };
      this.#pending.set(to.id, pending);
    }
    // One at a time, so that an older record never overtakes a newer one.
    if (pending.sending) {
      pending.again = urgent || pending.again === true;
      return;
    }
    const now = performance.now();
    const due = now + pending.schedule.delay(now, urgent);
    if (due >= pending.due) return;
    clearTimeout(pending.timer);
    pending.due = due;
    const entry = pending;
    pending.timer = setTimeout(() => void this.#sendConfig(to, entry), due - now);
  }

  async #sendConfig(to: Target, pending: Pending): Promise<void> {
    pending.due = Number.POSITIVE_INFINITY;
    pending.sending = true;
    pending.schedule.sent(performance.now());
    try {
      const parts = await readRecord(this.#app, to.id);
      if (parts === undefined) return;
      pending.schedule.limited = parts.record.language === 'node';
      await this.#app.mqtt.publish(this.#topics.toWorker(to.worker), `{"config":${recordJson(parts)}}`, {
        qos: 1,
      });
    } catch (error) {
      this.#app.logger.warn(
        { err: error, nodeServer: to.id },
        'a config could not be sent; it is sent again',
      );
      setTimeout(() => this.configNeeded(to), 1000).unref();
    } finally {
      const { again } = pending;
      pending.sending = false;
      pending.again = undefined;
      if (again !== undefined) this.configNeeded(to, again);
    }
  }

  stop(): void {
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }
}

function newConnection(): Connection {
  let settle = (): void => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { listening: false, settled, settle };
}

function listen(connection: Connection): void {
  connection.listening = true;
  connection.settle();
}
