import { EventEmitter } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Lock, reasonOf } from '@polyrelay/essentials';
import { Clock } from './clock.js';
import { type OpenOptions, readConfig, type ThingConfig } from './config.js';
import { Connection } from './connection.js';
import { type Credentials, readCredentials } from './credentials.js';
import { ThingError } from './errors.js';
import { asId, isId, newId } from './ids.js';
import { type Parcel, parcelIn } from './parcel.js';
import { payloadJson } from './payload.js';
import { Poster } from './queue/post.js';
import { Queue } from './queue/queue.js';
import { RefusedFile } from './queue/refused.js';
import { type Pass, Sender } from './queue/sender.js';
import { Sent } from './queue/sent.js';
import { MessageStore, type ReceivedMessage } from './store.js';

/** What a {@link Thing} tells. */
export interface ThingEvents {
  /** A message to the thing is stored. */
  message: [ReceivedMessage];
  /** The service has committed a message of this thing. */
  collected: [id: string];
  /** It never will: the message is in `data/refused.ndjson`. */
  refused: [id: string, reason: string];
  /** The queue cannot be sent now; it is tried again. */
  waiting: [reason: string];
  /** The broker, for messages to the thing. */
  connected: [];
  disconnected: [reason: string];
}

export interface CollectOptions {
  /** UUID of the message, where you have one: the service stores an id once. */
  id?: string;
}

export interface ListOptions {
  /** At most so many; all when left out or below 1. */
  count?: number;
  /** Newest first. */
  reverse?: boolean;
}

/** How often old messages are looked for. */
const EXPIRE_MS = 5000;

/** A thing: sends JSON to the service and receives from it. Whatever happens on the way, it is on disk first. */
export class Thing extends EventEmitter<ThingEvents> {
  readonly config: ThingConfig;
  /** The messages received, on disk. */
  readonly store: MessageStore;
  readonly #credentials: Credentials;
  readonly #queue: Queue;
  readonly #poster: Poster;
  readonly #sender: Sender;
  readonly #sent: Sent;
  readonly #runLock: Lock;
  readonly #clock: Clock;
  #connection: Connection | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #closed = false;
  /** Wakes those who wait for messages. */
  readonly #ends = new Set<() => void>();
  #status: Pass = { state: 'empty' };

  private constructor(config: ThingConfig, credentials: Credentials, queue: Queue, store: MessageStore) {
    super();
    this.config = config;
    this.store = store;
    this.#credentials = credentials;
    this.#queue = queue;
    this.#clock = new Clock();
    const refused = new RefusedFile(join(config.data, 'refused.ndjson'));
    this.#poster = new Poster({
      url: config.collectUrl,
      thingId: config.id,
      credentials,
      clock: this.#clock,
    });
    this.#sender = new Sender(queue, this.#poster, refused, new Lock(join(config.data, 'sender.lock')));
    this.#runLock = new Lock(join(config.data, 'run.lock'));
    this.#sent = new Sent(queue, this.#sender, refused);
    this.#sender.on('collected', (id) => this.emit('collected', id));
    this.#sender.on('refused', (id, reason) => this.emit('refused', id, reason));
    this.#sender.on('pass', (pass) => {
      this.#status = pass;
      if (pass.state === 'waiting') this.emit('waiting', pass.reason);
    });
  }

  /**
   * Reads config.yml and the keys, and opens the folder of the queue and the received messages. What an earlier run
   * left in the queue is sent.
   * @throws ThingError `CONFIG`, `KEYS`, `DISK`: the message says which file, which key, and what to write
   */
  static async open(options: OpenOptions = {}): Promise<Thing> {
    const config = await readConfig(options);
    const credentials = await readCredentials(config);
    try {
      await mkdir(config.data, { recursive: true, mode: 0o700 });
      const queue = await Queue.open(join(config.data, 'queue'), config.maxQueueBytes);
      const store = await MessageStore.open(config.data, config.expireSeconds);
      const thing = new Thing(config, credentials, queue, store);
      thing.#sender.kick();
      return thing;
    } catch (cause) {
      const advice = 'Give its user the right to write there, or name another folder with --data.';
      throw new ThingError('DISK', `${config.data} cannot be used: ${reasonOf(cause)}. ${advice}`, { cause });
    }
  }

  /**
   * Takes a JSON value to be collected. Resolves with the message’s id when it is safe on disk; it is sent as soon
   * as the service can be reached, in order, also after a restart. {@link sent} tells when.
   * @throws ThingError `PAYLOAD`, `MESSAGE_TOO_LARGE`, `QUEUE_FULL`, `DISK`, `CLOSED`: it was not kept
   */
  async collect(payload: unknown, { id = newId() }: CollectOptions = {}): Promise<string> {
    if (this.#closed) throw closed();
    if (!isId(id)) throw new ThingError('PAYLOAD', `“${id}” is not a UUID: leave the id out, or give one`);
    const key = id.toLowerCase();
    const json = payloadJson(payload);
    await this.#sent.add(key, this.#queue.add({ id: key, at: new Date().toISOString(), json }));
    this.#sender.kick();
    return key;
  }

  /**
   * Resolves when the service has committed a message of {@link collect}.
   * @throws ThingError `REFUSED` when it never will, `CLOSED` when this thing was closed before
   */
  sent(id: string): Promise<void> {
    return this.#sent.wait(asId(id));
  }

  /**
   * As the published SDK has it: the HTTP status of the collect. 200 when the service committed the message, 202
   * when it waits on disk and is sent later, 400 when it was refused.
   */
  async collectMessage(payload: unknown): Promise<number> {
    const id = await this.collect(payload);
    return new Promise((resolve) => {
      const waiting = () => resolve(202);
      this.once('waiting', waiting);
      this.sent(id)
        .then(
          () => resolve(200),
          (error: unknown) => resolve(error instanceof ThingError && error.code === 'REFUSED' ? 400 : 202),
        )
        .finally(() => this.off('waiting', waiting));
    });
  }

  /**
   * Connects and receives: each message is stored on disk before it is acknowledged, then told by `message`. Goes on
   * until {@link close}, over lost connections.
   * @throws ThingError `ALREADY_RUNNING` when another process receives for this thing
   */
  async receive(): Promise<void> {
    const { ingress, envelopes } = this.config.topics;
    await this.connect([this.config.plain ? ingress : envelopes], async (_topic, parcel) => {
      const message = await this.store.put(parcel);
      if (message !== undefined) this.emit('message', message);
    });
    await this.store.forgetOldIds();
    this.#expiry = setInterval(() => void this.store.expire().catch(() => {}), EXPIRE_MS);
    this.#expiry.unref();
  }

  /**
   * Messages to the thing, oldest first: those stored already, then each as it comes. One stays in the store until
   * `removeMessageFromStore(message)`.
   */
  async *messages(): AsyncGenerator<ReceivedMessage, void, undefined> {
    const waiting: ReceivedMessage[] = [];
    let wake = () => {};
    const onMessage = (message: ReceivedMessage) => {
      waiting.push(message);
      wake();
    };
    const end = () => wake();
    this.on('message', onMessage);
    this.#ends.add(end);
    try {
      if (this.#connection === undefined) await this.receive();
      const stored = await this.store.list();
      const told = new Set(stored.map(({ id }) => id));
      yield* stored;
      while (!this.#closed) {
        const next = waiting.shift();
        if (next !== undefined && !told.delete(next.id)) yield next;
        if (next === undefined)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      this.#ends.delete(end);
      this.off('message', onMessage);
    }
  }

  /** The stored messages, oldest first. */
  async getSubscribedMessages({ count = 0, reverse = false }: ListOptions = {}): Promise<ReceivedMessage[]> {
    await this.store.expire();
    const messages = await this.store.list();
    if (reverse) messages.reverse();
    return count > 0 ? messages.slice(0, count) : messages;
  }

  /** @returns whether it was there */
  removeMessageFromStore({ id }: { id: string }): Promise<boolean> {
    return this.store.remove(id);
  }

  /** Stores a message as if it had come. @returns undefined for an id that came before */
  setMessageToStore(message: { id?: string; payload: unknown }): Promise<ReceivedMessage | undefined> {
    return this.store.put({
      id: message.id ?? newId(),
      at: new Date().toISOString(),
      payload: message.payload,
    });
  }

  /** How the thing is doing. */
  async status() {
    const { messages, bytes } = await this.#queue.size();
    return {
      queued: messages,
      queuedBytes: bytes,
      waitingFor: this.#status.state === 'waiting' ? this.#status.reason : undefined,
      stored: await this.store.count(),
      connected: this.#connection?.connected ?? false,
      /** Number of the process that receives. */
      receiver: await this.#runLock.holder(),
      /** Service minus this computer, in ms, where a refused token told it. */
      clockOffsetMs: this.#clock.offsetMs,
    };
  }

  /** Stops receiving and sending. What is queued stays on disk. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#expiry);
    await this.#connection?.close();
    await this.#runLock.release();
    await this.#sender.stop();
    this.#sent.giveUp(closed());
    for (const end of this.#ends) end();
  }

  /** @internal Connects with subscriptions of one’s own. */
  async connect(
    topics: string[],
    onParcel: (topic: string, parcel: Parcel) => Promise<void>,
  ): Promise<Connection> {
    if (this.#closed) throw closed();
    if (!(await this.#runLock.take())) {
      const pid = await this.#runLock.holder();
      throw new ThingError(
        'ALREADY_RUNNING',
        `Another process (${pid ?? 'unknown'}) is connected as ${this.config.name}. Stop it first: a thing has one connection.`,
      );
    }
    const connection = new Connection(this.config, this.#credentials, topics, async (topic, payload) =>
      onParcel(topic, parcelIn(topic === this.config.topics.envelopes, payload)),
    );
    this.#connection = connection;
    connection.on('up', () => {
      this.#sender.hurry();
      this.emit('connected');
    });
    connection.on('down', (reason) => this.emit('disconnected', reason));
    this.#sender.keepLooking();
    return connection;
  }

  /** @internal */
  get credentials(): Credentials {
    return this.#credentials;
  }

  /** @internal Service minus this computer, in ms. @throws ThingError `CONNECTION` saying what is wrong on the way */
  async measureClock(): Promise<number> {
    return (await this.#poster.serviceTime()) - Date.now();
  }
}

const closed = (): ThingError => new ThingError('CLOSED', 'The thing was closed');
