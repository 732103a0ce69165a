import { setTimeout as delay } from 'node:timers/promises';
import { channelOfEvent, channelTopics } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError, messageOf } from '#core/errors.js';
import { findBehind, move, take } from './store.js';

const PAGE = { limitCount: 1000, limitSize: 1024 * 1024 };
/** Channels that are published at the same time; each holds a connection to the database. */
const AT_ONCE = 3;
/** Another replica is at it, or the broker or the database is away: tried again this often. */
const RETRY_MS = 1000;

/**
 * Publishes every message of every channel to an outside broker, each channel's in the order of its keys. How far the
 * broker has acknowledged is kept in the database, so that after a crash some messages come again and none is missing.
 */
export class OutsidePublisher {
  readonly #app: FastifyInstance;
  readonly #behind = new Set<number>();
  readonly #busy = new Map<number, Promise<void>>();
  #stopped = false;

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.events.on('channels/+/messages', (event) => {
      if (event.operation === 'INSERTION') this.#wake(channelOfEvent(event));
    });
  }

  /** Goes on where the last run ended. */
  async start(): Promise<void> {
    for (const id of await findBehind(this.#app.database.pool)) this.#wake(id);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.race([Promise.all(this.#busy.values()), delay(RETRY_MS, undefined, { ref: false })]);
  }

  #wake(id: number): void {
    this.#behind.add(id);
    this.#next();
  }

  #next(): void {
    for (const id of this.#behind) {
      if (this.#stopped || this.#busy.size >= AT_ONCE) return;
      if (this.#busy.has(id)) continue;
      this.#behind.delete(id);
      const work = this.#publish(id).then((more) => {
        this.#busy.delete(id);
        if (more === 'later') this.#later(id);
        else if (more) this.#behind.add(id);
        this.#next();
      });
      this.#busy.set(id, work);
    }
  }

  #later(id: number): void {
    if (this.#stopped) return;
    setTimeout(() => this.#wake(id), RETRY_MS).unref();
  }

  /** @returns whether there is more, or that it is to be tried again in a while */
  async #publish(id: number): Promise<boolean | 'later'> {
    try {
      return await this.#app.database.sql(async (client) => {
        const channel = await this.#app.channels.find(id);
        if (channel === undefined) return false;
        const from = await take(client, id);
        if (from === undefined) return 'later';
        const { messages, nextKey, lastKey } = await this.#app.channels.read(channel, { from, ...PAGE });
        await Promise.all(
          messages.map(({ ident, json }) =>
            this.#app.mqtt.publish(channelTopics.message(id, ident), json, { confirmed: true }),
          ),
        );
        if (nextKey !== from) await move(client, id, nextKey);
        return nextKey <= lastKey;
      });
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'notFound') return false;
      this.#app.log.debug(`messages of a channel wait for the MQTT broker: ${messageOf(error)}`);
      return 'later';
    }
  }
}
