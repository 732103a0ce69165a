import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import { BatchQueue, queueOf } from '#core/batch-queue.js';
import { isUniqueViolation } from '#core/database/database.js';
import { DomainError, notFound } from '#core/errors.js';
import type { FactStatement } from '#core/events/log.js';
import type { Recorder } from '#core/events/types.js';
import { factOf, type NewMessage, ownersInOrder } from './message.js';
import { storeAll, storingStatement } from './statement.js';
import { insertMessages, readStored, readThings, type StoredMessage } from './store.js';

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
  readonly #storing: FactStatement;
  readonly #queues: BatchQueue<NewMessage, CollectResult>[];

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#storing = storingStatement(app);
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

  /** Resolves when one message is committed or refused. */
  writeOne(message: NewMessage): Promise<CollectResult> {
    return queueOf(this.#queues, message.ownerId).addOne(message);
  }

  async #write(messages: NewMessage[]): Promise<CollectResult[]> {
    const at = (await this.#haveNoLimit(messages)) ? await this.#writeAll(messages) : undefined;
    if (at !== undefined) return messages.map(({ id }) => ({ id, at }));
    return this.#writeCarefully(messages);
  }

  /** Whether no limit speaks against the messages: as nearly always. */
  async #haveNoLimit(messages: NewMessage[]): Promise<boolean> {
    for (const ownerId of new Set(messages.map((message) => message.ownerId)))
      if ((await this.#app.policies.limitsOf(ownerId)).collected !== null) return false;
    return true;
  }

  /** @returns when all of them came; undefined: at least one cannot be stored, and so none was */
  async #writeAll(messages: NewMessage[]): Promise<Date | undefined> {
    try {
      const at = await storeAll(this.#app.events, this.#storing, messages);
      if (at !== undefined) this.#app.metrics.count('messagesCollected', messages.length);
      return at;
    } catch (error) {
      if (isUniqueViolation(error)) return undefined;
      throw error;
    }
  }

  /** Looks at each message: what became of it, or why it is refused. */
  async #writeCarefully(messages: NewMessage[], tries = 2): Promise<CollectResult[]> {
    let stored = 0;
    try {
      const results = await this.#app.events.sql(async (client, record) => {
        const batch = new Batch(this.#app, client, record, messages);
        const done = await batch.store();
        stored = batch.stored;
        return done;
      });
      this.#app.metrics.count('messagesCollected', stored);
      return results;
    } catch (error) {
      // Stored meanwhile by another replica.
      if (tries > 1 && isUniqueViolation(error)) return this.#writeCarefully(messages, tries - 1);
      throw error;
    }
  }
}

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
    const admitted = await this.#admit(await this.#findNew());
    if (admitted.length > 0) this.#stored(admitted, await insertMessages(this.#client, admitted));
    return this.#messages.map((message) => this.#results.get(keyOf(message)) ?? idTaken(message.id));
  }

  /** Answers what is refused or stored already. @returns the others, each id once */
  async #findNew(): Promise<NewMessage[]> {
    const things = await readThings(this.#client, [...new Set(this.#messages.map(({ thingId }) => thingId))]);
    const stored = await readStored(
      this.#client,
      this.#messages.map(({ id }) => id),
    );
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
      this.#results.set(keyOf(message), { id: message.id, at });
      this.#record(factOf(message, at));
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

const thingDisabled = (): DomainError =>
  new DomainError('forbidden', 'thingDisabled', 'This thing is disabled. Enable it on its page.');

const idTaken = (id: string): DomainError =>
  new DomainError('conflict', 'idTaken', `Another message has the id ${id} already. Choose a new one.`);
