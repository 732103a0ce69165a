import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import { BatchQueue, queueOf } from '#core/batch-queue.js';
import { isForeignKeyViolation, isUniqueViolation } from '#core/database/database.js';
import { DomainError, notFound } from '#core/errors.js';
import type { Recorder } from '#core/events/types.js';
import { insertedPayload } from '../present.js';
import { insertMessages, type NewMessage, readStored, readThings, type StoredMessage } from './store.js';

/** A message that is committed: its id, and when it came. */
export interface Collected {
  id: string;
  at: Date;
}

/** What became of a message: committed, or why not. */
export type CollectResult = Collected | DomainError;

/** Messages of one transaction at the most; a long one counts as several. */
export const MAX_BATCH = 1000;
const BYTES_OF_ONE = 4096;

/** While the database works on one batch, the messages of the other queue are taken in and announced. */
const QUEUES = 2;

export const weigh = ({ json }: { json: string }): number => 1 + Math.floor(json.length / BYTES_OF_ONE);

/** Writes collected messages of all things in batches; an owner’s go through one queue, in their order. */
export class CollectWriter {
  readonly #app: FastifyInstance;
  readonly #queues: BatchQueue<NewMessage, CollectResult>[];

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#queues = Array.from(
      { length: QUEUES },
      () =>
        new BatchQueue<NewMessage, CollectResult>({
          max: MAX_BATCH,
          weigh,
          write: (messages) => this.#write(messages),
        }),
    );
  }

  /** Resolves when the messages, all of one owner, are committed or refused, each for itself. */
  write(messages: NewMessage[]): Promise<CollectResult[]> {
    const first = messages[0];
    if (first === undefined) return Promise.resolve([]);
    return queueOf(this.#queues, first.ownerId).add(messages);
  }

  async #write(messages: NewMessage[]): Promise<CollectResult[]> {
    try {
      return await this.#commit(messages);
    } catch (error) {
      // Stored meanwhile by another replica, or by a try of our own whose answer was lost; or a thing is no more.
      if (!isUniqueViolation(error) && !(error instanceof NotPlain)) throw error;
      return this.#commit(messages.map((message) => ({ ...message, chosen: true })));
    }
  }

  async #commit(messages: NewMessage[]): Promise<CollectResult[]> {
    let stored = 0;
    const results = await this.#app.events.sql(async (client, record) => {
      const batch = new Batch(this.#app, client, record, messages);
      const done = await batch.store();
      stored = batch.stored;
      return done;
    });
    this.#app.metrics.count('messagesCollected', stored);
    return results;
  }
}

/** A batch holds a message that cannot be stored: each has to be looked at. */
class NotPlain extends Error {}

/** One transaction. */
class Batch {
  readonly #app: FastifyInstance;
  readonly #client: PoolClient;
  readonly #record: Recorder;
  readonly #messages: NewMessage[];
  readonly #results = new Map<string, CollectResult>();
  stored = 0;

  constructor(app: FastifyInstance, client: PoolClient, record: Recorder, messages: NewMessage[]) {
    this.#app = app;
    this.#client = client;
    this.#record = record;
    this.#messages = messages;
  }

  async store(): Promise<CollectResult[]> {
    if (await this.#isPlain()) await this.#storeAll();
    else {
      const admitted = await this.#admit(await this.#findNew());
      if (admitted.length > 0) this.#stored(admitted, await insertMessages(this.#client, admitted));
    }
    return this.#messages.map((message) => this.#results.get(keyOf(message)) ?? idTaken(message.id));
  }

  /** Whether nothing speaks against any of the messages, before the database is asked: as nearly always. */
  async #isPlain(): Promise<boolean> {
    if (this.#messages.some(({ chosen }) => chosen)) return false;
    const owners = new Set(this.#messages.map(({ ownerId }) => ownerId));
    const limits = await Promise.all([...owners].map((ownerId) => this.#app.policies.limitsOf(ownerId)));
    return limits.every(({ collected }) => collected === null);
  }

  /** Stores all of them in one round trip. @throws NotPlain when one of the things is disabled, or no more */
  async #storeAll(): Promise<void> {
    const ids = new Set(this.#messages.map(({ thingId }) => thingId));
    const counts = ownersInOrder(this.#messages).map(([ownerId, { length }]) => ({ ownerId, length }));
    // Sent in this order: the time of the messages is read when the owners' usage is locked.
    const [things, , at] = await Promise.all([
      readThings(this.#client, [...ids]),
      Promise.all(
        counts.map(({ ownerId, length }) =>
          this.#app.policies.count(this.#client, ownerId, 'collected', length),
        ),
      ),
      insertMessages(this.#client, this.#messages),
    ]).catch((error: unknown) => {
      throw isForeignKeyViolation(error) ? new NotPlain('a thing is no more', { cause: error }) : error;
    });
    if ([...ids].some((id) => !things.get(id))) throw new NotPlain('a thing is disabled');
    this.#stored(this.#messages, at);
  }

  /** Answers what is refused or stored already. @returns the others, each id once */
  async #findNew(): Promise<NewMessage[]> {
    const things = await readThings(this.#client, [...new Set(this.#messages.map(({ thingId }) => thingId))]);
    const chosen = this.#messages.filter((message) => message.chosen).map(({ id }) => id);
    const stored = await readStored(this.#client, chosen);
    const fresh = new Map<string, NewMessage>();
    for (const message of this.#messages) {
      const key = keyOf(message);
      if (this.#results.has(key)) continue;
      const answer = answerAtOnce(message, things.get(message.thingId), stored.get(message.id));
      if (answer !== undefined) this.#results.set(key, answer);
      // The first to come has the id: the same message again gets its answer, another thing's none.
      else if (!fresh.has(message.id)) fresh.set(message.id, message);
    }
    return [...fresh.values()];
  }

  /** Counts messages against their owners' limits. @returns those within */
  async #admit(messages: NewMessage[]): Promise<NewMessage[]> {
    const admitted: NewMessage[] = [];
    for (const [ownerId, own] of ownersInOrder(messages)) {
      const count = await this.#app.policies.admit(this.#client, ownerId, 'collected', own.length);
      admitted.push(...own.slice(0, count));
      if (count === own.length) continue;
      const refusal = await this.#app.policies.overLimit(ownerId, 'collected');
      for (const message of own.slice(count)) this.#results.set(keyOf(message), refusal);
    }
    return admitted;
  }

  /** Answers and tells of what is stored. */
  #stored(messages: NewMessage[], at: Date): void {
    this.stored = messages.length;
    for (const message of messages) {
      const { id, thingId, ownerId, json, bytes } = message;
      this.#results.set(keyOf(message), { id, at });
      this.#record({
        topic: `things/${thingId}/messages/${id}`,
        operation: 'INSERTION',
        ownerId,
        payload: insertedPayload({ type: 'egress', at, bytes, json, state: null }),
      });
    }
  }
}

const keyOf = ({ id, thingId }: NewMessage): string => `${thingId}/${id}`;

/** The answer to a message that is not to be stored. */
function answerAtOnce(
  { id, thingId }: NewMessage,
  enabled: boolean | undefined,
  stored: StoredMessage | undefined,
): CollectResult | undefined {
  if (enabled === undefined) return notFound('This thing');
  if (!enabled) return thingDisabled();
  if (stored === undefined) return undefined;
  return stored.thing_id === thingId && stored.type === 'egress' ? { id, at: stored.at } : idTaken(id);
}

/**
 * The messages by their owners, whose usage each transaction locks until it ends: in the same order in all of them.
 */
function ownersInOrder(messages: NewMessage[]): [ownerId: string, own: NewMessage[]][] {
  const owners = new Map<string, NewMessage[]>();
  for (const message of messages) {
    const own = owners.get(message.ownerId);
    if (own === undefined) owners.set(message.ownerId, [message]);
    else own.push(message);
  }
  return [...owners].sort(([a], [b]) => (a < b ? -1 : 1));
}

const thingDisabled = (): DomainError =>
  new DomainError('forbidden', 'thingDisabled', 'This thing is disabled. Enable it on its page.');

const idTaken = (id: string): DomainError =>
  new DomainError('conflict', 'idTaken', `Another message has the id ${id} already. Choose a new one.`);
