import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '@polyrelay/essentials';
import type { z } from 'zod';
import { Cursor } from './cursor.js';
import { ReceiverError } from './errors.js';
import type { HandlerClass } from './handler.js';
import { type Attempt, type Batch, Lane } from './lane.js';
import type { ChannelMessage } from './message.js';
import type { Page } from './page.js';
import { checked, HandlerSettings, ReceiverSettings } from './settings.js';
import { Source, Unavailable } from './source.js';

/** A handler, its own options, and how it is tried. */
export interface HandlerUse extends z.input<typeof HandlerSettings> {
  type: HandlerClass;
  /** Checked with the handler's schema. */
  options?: unknown;
}

export interface ReceiverOptions extends z.input<typeof ReceiverSettings> {
  /** An access token of the dashboard that may read the channel. */
  key: string;
  handlers: HandlerUse[];
  /** Takes a line about what happens. Default: nothing is told. */
  log?: (text: string) => void;
}

/** A batch that all handlers have taken. */
export interface Handled {
  count: number;
  currKey: number;
  /** Messages that wait in the channel, when the service tells. */
  lag: number | undefined;
  /** From handing it out to the saved cursor. */
  seconds: number;
}

/** Between two answers without messages. */
const PAUSE_MS = 1000;

interface Events {
  /** The service answered. */
  read: [Handled];
  attempt: [Attempt];
  /** Reading failed, and is tried again. */
  unavailable: [reason: string];
}

/**
 * Reads a channel and hands every batch to all handlers at once. The next one is asked for when all have taken it and
 * the cursor is on disk: after any fault each message comes again that not all have taken, and none is skipped.
 */
export class Receiver extends EventEmitter<Events> {
  readonly settings: ReceiverSettings;
  readonly #source: Source;
  readonly #lanes: Lane[];
  readonly #stopping = new AbortController();
  readonly #log: (text: string) => void;
  #cursor: Cursor | undefined;

  /** @throws ReceiverError `USAGE` */
  constructor({ key, handlers, log = () => {}, ...settings }: ReceiverOptions) {
    super();
    this.settings = checked(ReceiverSettings, settings);
    this.#log = log;
    if (handlers.length === 0) throw new ReceiverError('USAGE', 'there is no handler: give at least one');
    const { url, channel } = this.settings;
    this.#source = new Source({ url, channel, key });
    this.#lanes = handlers.map((use, index) => this.#lane(use, index));
    const names = this.#lanes.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new ReceiverError('USAGE', `two handlers have the name ${twice}`);
  }

  /** Where the next batch begins, once it runs. */
  get currKey(): number | undefined {
    return this.#cursor?.key;
  }

  /** Reads until it is stopped. @throws ReceiverError when it cannot go on */
  async run(): Promise<void> {
    const { url, channel, state, startKey, rewind } = this.settings;
    this.#cursor = await Cursor.open({
      file: state ?? `receiver-${channel}.json`,
      server: url,
      channel,
      startKey,
      rewind,
    });
    try {
      this.#log(`channel ${channel} at ${url}, from key ${this.#cursor.key}`);
      if (await this.#all((lane) => lane.start())) await this.#follow(this.#cursor);
    } finally {
      await Promise.all(this.#lanes.map((lane) => lane.stop()));
      await this.#cursor.close();
    }
  }

  /** Ends `run` after the batch under way. */
  stop(): void {
    this.#stopping.abort();
  }

  #lane({ type, options, ...given }: HandlerUse, index: number): Lane {
    const own = checked(HandlerSettings, given);
    const name = own.name ?? `handler ${index + 1}`;
    return new Lane(
      type,
      checked(type.options, options ?? {}, (path) => `${name}: ${path}`),
      {
        name,
        handleTimeout: own.handleTimeout ?? this.settings.handleTimeout,
        retries: own.retries ?? this.settings.retries,
        retryDelay: own.retryDelay ?? this.settings.retryDelay,
      },
      this.#stopping.signal,
      { log: this.#log, attempt: (attempt) => this.emit('attempt', attempt) },
    );
  }

  async #follow(cursor: Cursor): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const asked = performance.now();
      const page = await this.#page(cursor.key);
      if (page === undefined) return;
      const began = performance.now();
      const nextKey = this.#nextKeyOf(cursor.key, page);
      const currKey = cursor.key;
      const batch = { channel: this.settings.channel, firstKey: currKey, nextKey };
      if (!(await this.#handOut(page.messages, batch))) return;
      if (nextKey !== currKey) await cursor.save(nextKey);
      this.emit('read', {
        count: page.messages.length,
        currKey: nextKey,
        lag: page.lastKey === undefined ? undefined : Math.max(0, page.lastKey + 1 - nextKey),
        seconds: (performance.now() - began) / 1000,
      });
      // A service that does not wait is not asked in a rush.
      if (nextKey === currKey && began - asked < PAUSE_MS)
        await delay(PAUSE_MS, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
  }

  /** @returns false when it was stopped before all had it */
  async #handOut(messages: readonly ChannelMessage[], batch: Batch): Promise<boolean> {
    return messages.length === 0 || this.#all((lane) => lane.handle(messages, batch));
  }

  /** All at once. When one fails for good, the others finish what they do, and no more. */
  async #all(work: (lane: Lane) => Promise<boolean>): Promise<boolean> {
    const ends = await Promise.allSettled(
      this.#lanes.map(async (lane) => {
        try {
          return await work(lane);
        } catch (error) {
          this.stop();
          throw error;
        }
      }),
    );
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return ends.every((end) => end.status === 'fulfilled' && end.value);
  }

  /** The next page, however long the service is away; undefined when it was stopped. */
  async #page(currKey: number): Promise<Page | undefined> {
    const { signal } = this.#stopping;
    const maxMs = this.settings.retryDelay * 1000;
    const backoff = new Backoff(Math.min(1000, maxMs), maxMs);
    let told: string | undefined;
    while (!signal.aborted)
      try {
        const page = await this.#source.read({ ...this.settings, currKey }, signal);
        if (told !== undefined) this.#log(`${this.settings.url} answers again`);
        for (const warning of page.warnings) this.#log(`${this.settings.url} says: ${warning}`);
        return page;
      } catch (error) {
        if (signal.aborted) return undefined;
        if (!(error instanceof Unavailable)) throw error;
        this.emit('unavailable', error.message);
        if (told !== error.message) this.#log(`${this.settings.url}: ${error.message}. Trying again`);
        told = error.message;
        await delay(backoff.next(), undefined, { signal }).catch(() => {});
      }
    return undefined;
  }

  /** Keys only grow: a service with smaller ones is not the one that was read. */
  #nextKeyOf(currKey: number, { messages, nextKey = currKey, lastKey }: Page): number {
    const end = lastKey === undefined ? nextKey : lastKey + 1;
    if (nextKey < currKey || end < currKey)
      throw new ReceiverError(
        'CURSOR',
        `Channel ${this.settings.channel} ends at key ${Math.min(nextKey, end)}, before the key to read from, ${currKey}. Was the service restored from a backup, or is it another one? Say with --rewind <key> where to begin`,
      );
    const gone = nextKey - currKey - messages.length;
    if (gone > 0)
      this.#log(`${gone} messages between keys ${currKey} and ${nextKey} were deleted before they were read`);
    return nextKey;
  }
}
