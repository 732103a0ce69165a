import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { encodePublishMessageReceived, PUSH_STATUS, type PublishMessage } from '@polyrelay/codecs/push';
import { Backoff, reasonOf } from '@polyrelay/essentials';
import { Block } from './block.js';
import { Connection } from './connection.js';
import { PushError } from './errors.js';
import type { Settings } from './settings.js';

/** Bytes that may wait for the consumer; then the connection is paused. */
const WAITING_BYTES = 1024 * 1024;
/** A connection that lasted so long was a good one: the next attempt after it does not wait long. */
const GOOD_MS = 10_000;

export interface SessionEvents {
  /** The service accepted it: at first, and after each reconnect. */
  open: [];
  /** The connection is gone, or there was none; it tries again after so many milliseconds. */
  lost: [why: PushError, waitMs: number];
  /** A callback failed: its block is not acknowledged. */
  fault: [error: unknown, block: Block];
  /** It is over. */
  close: [];
}

/**
 * Gets each block, in order, the next one when it has ended. `true`, or a promise of it, acknowledges the block; one
 * that fails does not (event `fault`, or else a warning of the process).
 */
export type BlockCallback = (block: Block) => unknown;

interface Waiting {
  message: PublishMessage;
  connection: Connection;
}

/**
 * A monitor's events as they come, over as many connections as it takes. While the consumer is behind, the connection
 * is paused: the service keeps what happens, not this computer's memory.
 */
export class PushSession extends EventEmitter<SessionEvents> {
  readonly monitorId: number;
  /** Resolves once the service has accepted it; rejects when it refuses, or when it is closed before. */
  readonly opened: Promise<void>;
  /**
   * Resolves after `close`, when the callback under way has ended and its acknowledgement is out. With a callback it
   * rejects when the session cannot go on.
   */
  readonly done: Promise<void>;
  readonly #settings: Settings;
  readonly #backoff: Backoff;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  readonly #queue: Waiting[] = [];
  #queuedBytes = 0;
  #takers: (() => void)[] = [];
  #connection: Connection | undefined;
  #wasOpen = false;
  #failed: PushError | undefined;
  #settle!: { opened: () => void; refused: (why: PushError) => void };

  constructor(settings: Settings, monitorId: number, callback?: BlockCallback) {
    super();
    this.#settings = settings;
    this.monitorId = monitorId;
    this.#backoff = new Backoff(settings.backoff.firstMs, settings.backoff.maxMs);
    this.opened = new Promise((opened, refused) => {
      this.#settle = { opened, refused };
    });
    // Whoever takes blocks hears of it there.
    this.opened.catch(() => {});
    this.#running = this.#run();
    const stopped = callback === undefined ? once(this.#stopping.signal, 'abort') : this.#pump(callback);
    this.done = stopped.then(() => {}).finally(() => this.#disconnect());
  }

  /** Whether the service sends to it now. */
  get isOpen(): boolean {
    return this.#connection?.isOpen === true;
  }

  /** The next block; undefined when the session was closed. @throws PushError when it cannot go on */
  async next(): Promise<Block | undefined> {
    for (;;) {
      const waiting = this.#stopping.signal.aborted ? undefined : this.#queue.shift();
      if (waiting !== undefined) return this.#handOut(waiting);
      if (this.#failed !== undefined) throw this.#failed;
      if (this.#stopping.signal.aborted) return undefined;
      await new Promise<void>((resolve) => {
        this.#takers.push(resolve);
      });
    }
  }

  /** Begins a new connection: with explicit acknowledgement what was not acknowledged comes again. */
  reconnect(): void {
    void this.#connection?.close();
  }

  /** Ends it; `done` tells when it is over. */
  close(): void {
    if (this.#stopping.signal.aborted) return;
    this.#settle.refused(new PushError('UNAVAILABLE', `the session of monitor ${this.monitorId} was closed`));
    this.#stopping.abort();
    this.#wake();
  }

  async #disconnect(): Promise<void> {
    this.close();
    await this.#connection?.close();
    await this.#running;
    this.emit('close');
  }

  async #pump(callback: BlockCallback): Promise<void> {
    for (let block = await this.next(); block !== undefined; block = await this.next())
      try {
        if ((await callback(block)) === true) block.acknowledge();
      } catch (error) {
        if (!this.emit('fault', error, block)) process.emitWarning(reasonOf(error), 'PushClientWarning');
      }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const since = Date.now();
      const why = await this.#connect();
      if (signal.aborted || this.#failed !== undefined) return;
      if (this.#isFinal(why)) return this.#fail(why);
      if (Date.now() - since >= GOOD_MS) this.#backoff.reset();
      const wait = this.#backoff.next();
      this.emit('lost', why, wait);
      await delay(wait, undefined, { signal }).catch(() => {});
    }
  }

  /** @returns why the connection ended */
  #connect(): Promise<PushError> {
    return new Promise((resolve) => {
      const connection = new Connection(this.#settings, this.monitorId, {
        opened: () => {
          this.#wasOpen = true;
          this.#settle.opened();
          this.emit('open');
        },
        block: (message) => this.#enqueue({ message, connection }),
        ended: resolve,
      });
      this.#connection = connection;
    });
  }

  /** A certificate that was good may be exchanged just now; a wrong one at the beginning stays wrong. */
  #isFinal({ code }: PushError): boolean {
    return code !== 'UNAVAILABLE' && !(code === 'UNTRUSTED' && this.#wasOpen);
  }

  #fail(why: PushError): void {
    this.#failed ??= why;
    this.#settle.refused(why);
    this.#wake();
  }

  #enqueue(waiting: Waiting): void {
    this.#queue.push(waiting);
    this.#queuedBytes += waiting.message.payload.length;
    if (this.#isFull()) waiting.connection.pause();
    this.#wake();
  }

  #handOut({ message, connection }: Waiting): Block {
    this.#queuedBytes -= message.payload.length;
    if (!this.#isFull()) this.#connection?.resume();
    const { maxBlockBytes, parseXml } = this.#settings;
    const acknowledge = () => connection.send(this.#acknowledgementOf(message.blockId));
    try {
      return new Block(message, { monitorId: this.monitorId, maxBlockBytes, parseXml, acknowledge });
    } catch (error) {
      this.#fail(error as PushError);
      this.reconnect();
      throw error;
    }
  }

  #isFull(): boolean {
    return this.#queue.length >= this.#settings.maxWaiting || this.#queuedBytes >= WAITING_BYTES;
  }

  #acknowledgementOf(blockId: number): Uint8Array {
    const frame = encodePublishMessageReceived({ blockId, status: PUSH_STATUS.ok });
    if (this.#settings.acknowledgement === 'documented') return frame;
    // Type, block, status: the length is left out.
    return Buffer.concat([frame.subarray(0, 2), frame.subarray(6)]);
  }

  #wake(): void {
    const takers = this.#takers;
    this.#takers = [];
    for (const take of takers) take();
  }
}
