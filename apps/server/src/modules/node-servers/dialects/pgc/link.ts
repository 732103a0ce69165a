import { pgcTopics, type WorkerMessage } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { WorkerLink } from '../../context.js';
import { readRecord, recordJson } from '../../store/record.js';
import { ConfigSchedule } from './config-schedule.js';

interface Target {
  id: string;
  worker: string;
}

interface Pending {
  schedule: ConfigSchedule;
  timer: NodeJS.Timeout | undefined;
  due: number;
  sending: boolean;
}

/** Messages to workers that speak PGC: commands at once, records when they are due. */
export class PgcLink implements WorkerLink {
  readonly #app: FastifyInstance;
  readonly #topics: ReturnType<typeof pgcTopics>;
  readonly #pending = new Map<string, Pending>();
  readonly #connected = new Set<string>();
  /** Workers whose record changed while they were away: they are sent it when they come. */
  readonly #missed = new Set<string>();

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#topics = pgcTopics(app.config.stage);
  }

  /** Told by the dialect when a worker comes and goes. */
  connection(to: Target, connected: boolean): void {
    if (!connected) {
      this.#connected.delete(to.id);
      clearTimeout(this.#pending.get(to.id)?.timer);
      this.#pending.delete(to.id);
      return;
    }
    this.#connected.add(to.id);
    if (this.#missed.delete(to.id)) this.configNeeded(to);
  }

  isConnected(id: string): boolean {
    return this.#connected.has(id);
  }

  async send(to: Target, message: WorkerMessage): Promise<boolean> {
    await this.#app.mqtt.publish(this.#topics.toWorker(to.worker), JSON.stringify(message), { qos: 1 });
    return this.#connected.has(to.id);
  }

  configNeeded(to: Target, urgent = false): void {
    if (!this.#connected.has(to.id)) {
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
      };
      this.#pending.set(to.id, pending);
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
    // One at a time, so that an older record never overtakes a newer one.
    if (pending.sending) return this.configNeeded(to);
    pending.sending = true;
    pending.schedule.sent(performance.now());
    try {
      const parts = await readRecord(this.#app, to.id);
      if (parts === undefined) return;
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
      pending.sending = false;
    }
  }

  stop(): void {
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }
}
