import type { Message } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { BatchQueue } from '#core/batch-queue.js';
import { DomainError } from '#core/errors.js';
import { checkPayload } from '../collect/payload.js';
import { Feed } from './feed.js';
import { OutsideDelivery } from './outside.js';
import { type Publication, type Published, publisher } from './publisher.js';
import { States } from './states.js';

/** Filters with which a thing may hear its messages. */
const LISTENS = /^(?:ingress|\+)\/|^#$/;

/** Messages to things: stored first, then handed over, now or when the thing comes. */
export class Delivery {
  readonly #app: FastifyInstance;
  readonly #publisher: BatchQueue<Publication, Published>;
  readonly #states: States;
  /** Of the things that are there. */
  readonly #feeds = new Map<string, Feed>();
  #outside: OutsideDelivery | undefined;
  #stopped = false;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#publisher = publisher(app);
    this.#states = new States(app);
    app.mqtt.onSubscribed(({ kind, id }, filter) => {
      if (kind === 'thing' && LISTENS.test(filter)) this.#feed(id)?.restart();
    });
    app.mqtt.onGone(({ kind, id }) => {
      if (kind === 'thing') this.#end(id);
    });
  }

  /** Once the broker runs: what an outside one has not taken before. */
  start(): void {
    if (this.#app.mqtt.broker?.kind !== 'outside') return;
    this.#outside = new OutsideDelivery(this.#app);
    this.#outside.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const id of this.#feeds.keys()) this.#end(id);
    await this.#outside?.stop();
    await this.#states.stop();
  }

  /**
   * Stores a message to a thing and hands it over. Resolves when it is committed.
   * @param json the payload's JSON text
   * @throws tooLarge, invalid, notFound, conflict `thingDisabled`, forbidden `overLimit`
   */
  async publish(thing: Publication['thing'], json: string): Promise<Message> {
    const bytes = checkPayload(json);
    const [published] = await this.#publisher.add([{ thing, json, bytes }]);
    if (published === undefined) throw new Error('a message got no answer');
    if (published instanceof DomainError) throw published;
    this.#feeds.get(thing.id)?.wake();
    this.#outside?.wake();
    const at = published.at.toISOString();
    const common = { id: published.id, thingId: thing.id, type: 'ingress', at, bytes } as const;
    return { ...common, state: 'queued', stateAt: at, payload: JSON.parse(json) as unknown };
  }

  #feed(thingId: string): Feed | undefined {
    if (this.#stopped) return undefined;
    const there = this.#feeds.get(thingId);
    if (there !== undefined) return there;
    const feed = new Feed(this.#app, {
      thingId,
      states: this.#states,
      ended: () => {
        if (this.#feeds.get(thingId) === feed) this.#feeds.delete(thingId);
      },
    });
    this.#feeds.set(thingId, feed);
    return feed;
  }

  #end(thingId: string): void {
    this.#feeds.get(thingId)?.stop();
    this.#feeds.delete(thingId);
  }
}
