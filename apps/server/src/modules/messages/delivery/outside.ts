import { setTimeout as delay } from 'node:timers/promises';
import { thingTopics } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import { messageOf } from '#core/errors.js';
import type { Recorder } from '#core/events/types.js';
import { writeStates } from './states.js';
import { readQueued } from './store.js';
import { envelopeOf } from './wire.js';

/** One replica at a time hands over, so that the order is kept. */
const SENDER_LOCK = 7_410_223;

const PAGE = 100;

/** Another replica is at it, or the broker or the database is away: tried again this often. */
const RETRY_MS = 1000;

/**
 * Hands messages to an outside broker, which does not tell who is there: both topics, and `sent` is all that is known.
 * What it has not taken stays queued in the database.
 */
export class OutsideDelivery {
  readonly #app: FastifyInstance;
  #more = false;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  wake(): void {
    this.#more = true;
    if (!this.#stopped) this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#more && !this.#stopped) {
      this.#more = false;
      try {
        const page = await this.#app.events.sql((client, record) => this.#page(client, record));
        this.#more ||= page === PAGE;
        if (page !== 'busy') continue;
      } catch (error) {
        this.#app.log.debug(`messages wait for the MQTT broker: ${messageOf(error)}`);
      }
      this.#more = true;
      await delay(RETRY_MS);
    }
    this.#running = undefined;
  }

  /** @returns how many it handed over, or that another replica does */
  async #page(client: PoolClient, record: Recorder): Promise<number | 'busy'> {
    const { rows } = await client.query<{ free: boolean }>(
      `SELECT pg_try_advisory_xact_lock(${SENDER_LOCK}) AS free`,
    );
    if (rows[0]?.free !== true) return 'busy';
    const messages = await readQueued(client, PAGE);
    await Promise.all(
      messages.flatMap((message) => {
        const { ingress, envelopes } = thingTopics(message.name);
        return [
          this.#app.mqtt.publish(ingress, message.json, { confirmed: true }),
          this.#app.mqtt.publish(envelopes, envelopeOf(message), { confirmed: true }),
        ];
      }),
    );
    const at = new Date();
    if (messages.length > 0)
      await writeStates(
        client,
        record,
        messages.map(({ id, thingId, ownerId }) => ({ id, thingId, ownerId, state: 'sent', at })),
      );
    return messages.length;
  }
}
