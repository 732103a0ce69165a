import { setTimeout as delay } from 'node:timers/promises';
import { thingTopics } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { isDatabaseAway } from '#core/database/database.js';
import type { Delivered } from '#edges/mqtt/index.js';
import type { States } from './states.js';
import { BEGINNING, type Cursor, readUndelivered, type Undelivered } from './store.js';
import { envelopeOf } from './wire.js';

/** So much of one thing is on its way at the most; the rest waits in the database. */
const MAX_MESSAGES = 100;
const MAX_BYTES = 1024 * 1024;

/** While the database is away it is tried again this often. */
const RETRY_MS = 500;

interface FeedOptions {
  thingId: string;
  states: States;
  /** Nobody listens any more. */
  ended(): void;
}

/**
 * Hands a thing that is there its messages, in order, from the database: the only place where they wait. It lives
 * while the thing has subscribed.
 */
export class Feed {
  readonly #app: FastifyInstance;
  readonly #options: FeedOptions;
  #cursor: Cursor = BEGINNING;
  #messages = 0;
  #bytes = 0;
  #more = false;
  #running = false;
  #stopped = false;
  #roomMade: () => void = () => undefined;

  constructor(app: FastifyInstance, options: FeedOptions) {
    this.#app = app;
    this.#options = options;
  }

  /** Somebody has subscribed: everything that is not acknowledged is handed over, also what is on its way to others. */
  restart(): void {
    // An object of its own: a reading that is under way notices.
    this.#cursor = { ...BEGINNING };
    this.wake();
  }

  /** There are new messages. */
  wake(): void {
    this.#more = true;
    if (!this.#running && !this.#stopped) void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#roomMade();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#more && !this.#stopped) {
      this.#more = false;
      try {
        await this.#next();
      } catch (error) {
        if (!isDatabaseAway(error))
          this.#app.log.error({ err: error, thing: this.#options.thingId }, 'messages cannot be handed over');
        await delay(RETRY_MS);
        this.#more = true;
      }
    }
    this.#running = false;
  }

  /** Hands over the next page. */
  async #next(): Promise<void> {
    const { thingId, states, ended } = this.#options;
    await this.#room();
    const thing = await this.#app.things.refs.byId(thingId);
    const topics = thing === undefined ? undefined : thingTopics(thing.name);
    const granted = topics === undefined ? undefined : this.#granted(topics);
    if (this.#stopped) return;
    if (thing === undefined || topics === undefined || granted === undefined) {
      this.stop();
      ended();
      return;
    }
    const after = this.#cursor;
    const limit = MAX_MESSAGES - this.#messages;
    const bytes = MAX_BYTES - this.#bytes;
    const page = await readUndelivered(this.#app.database.pool, thingId, after, {
      // Without acknowledgements all of them stay `sent`: they would come again with every connection.
      queuedOnly: granted === 0,
      limit,
      bytes,
    });
    // Somebody subscribed meanwhile: from the beginning.
    if (this.#cursor !== after || this.#stopped) return;
    for (const message of page) {
      this.#cursor = { at: message.at, id: message.id };
      if (!states.isDelivered(message.id)) void this.#handOver(message, thing.ownerId, topics);
    }
    // The page against what it was read with: meanwhile there may be room again.
    const read = page.reduce((sum, message) => sum + message.bytes, 0);
    if (page.length === limit || read >= bytes) this.#more = true;
  }

  #granted({ ingress, envelopes }: ReturnType<typeof thingTopics>): 0 | 1 | undefined {
    const identity = this.#identity;
    const all = [ingress, envelopes].map((topic) => this.#app.mqtt.granted(identity, topic));
    return all.includes(1) ? 1 : all.includes(0) ? 0 : undefined;
  }

  get #identity() {
    return { kind: 'thing', id: this.#options.thingId } as const;
  }

  async #handOver(
    message: Undelivered,
    ownerId: string,
    { ingress, envelopes }: ReturnType<typeof thingTopics>,
  ): Promise<void> {
    this.#messages++;
    this.#bytes += message.bytes;
    const outcome = await this.#app.mqtt.deliver(this.#identity, (granted) => {
      if (granted(envelopes) !== undefined) return { topic: envelopes, payload: envelopeOf(message) };
      return granted(ingress) === undefined ? undefined : { topic: ingress, payload: message.json };
    });
    await this.#settle(message, ownerId, outcome);
    this.#messages--;
    this.#bytes -= message.bytes;
    this.#roomMade();
  }

  async #settle({ id, thingId, state }: Undelivered, ownerId: string, outcome: Delivered): Promise<void> {
    const { states } = this.#options;
    const change = { id, thingId, ownerId, at: new Date() };
    if (outcome === 'acknowledged') await states.delivered(change);
    else if (outcome === 'sent' && state === 'queued') await states.write({ ...change, state: 'sent' });
  }

  /** Waits until half of what may be on its way is free: so pages stay large. */
  async #room(): Promise<void> {
    while (!this.#stopped && (this.#messages > MAX_MESSAGES / 2 || this.#bytes > MAX_BYTES / 2))
      await new Promise<void>((resolve) => {
        this.#roomMade = resolve;
      });
  }
}
