import type { Appended, Channel, ChannelPage, ChannelQuery, ChannelRequest } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import type { z } from 'zod';
import { notFound } from '#core/errors.js';
import type { Recorder } from '#core/events/types.js';
import { owns, type Principal } from '#core/principal.js';
import { appendTo } from './append.js';
import { type AnyChannelChange, changeChannel } from './commands/change.js';
import { createChannel } from './commands/create.js';
import { deleteBelow } from './commands/delete-below.js';
import { removeChannel } from './commands/remove.js';
import { Minutes } from './counts/minutes.js';
import { listChannels, loadChannel } from './list.js';
import { parseMessages } from './parse/messages.js';
import { SharedReads } from './read/shared.js';
import { type KeyRead, readByTime, readRows, readText, type TextPage, type TimeRead } from './read/store.js';
import { Waiters } from './read/waiters.js';
import { type ReaderIdentity, type ReaderNote, Readers } from './readers/readers.js';
import { type ChannelRef, ChannelRefs } from './refs.js';
import { type Bounds, type NewChannelMessage, readBounds, type StoredChannelMessage } from './store.js';
import { AppendWriter, channelDisabled } from './writer.js';

/** What a page says of the channel beside its messages. */
interface PageOfKeys {
  /** Where the next page begins: behind the last message given, or where this one began. */
  nextKey: number;
  /** Key of the newest message there ever was; -1: there was none. */
  lastKey: number;
}

/** Channels as other modules see them. */
export class ChannelsPort {
  readonly #app: FastifyInstance;
  readonly refs: ChannelRefs;
  readonly waiters: Waiters;
  readonly readers: Readers;
  readonly minutes: Minutes;
  readonly #writer: AppendWriter;
  readonly #texts = new SharedReads<(TextPage & { bounds: Bounds }) | undefined>();

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.refs = new ChannelRefs(app);
    this.waiters = new Waiters(app);
    this.readers = new Readers(app);
    this.minutes = new Minutes(app);
    this.#writer = new AppendWriter(app);
  }

  /** A channel, whoever owns it; what is known of it may be a moment old. */
  find(id: number): Promise<ChannelRef | undefined> {
    return this.refs.byId(id);
  }

  /** A channel that the caller may see and change. @throws notFound, for what is somebody else’s too */
  async require(principal: Principal, id: number): Promise<ChannelRef> {
    const ref = await this.refs.byId(id);
    if (ref === undefined || !owns(principal, ref.ownerId)) throw notFound('This channel');
    return ref;
  }

  create(principal: Principal, request: ChannelRequest): Promise<ChannelRef> {
    return createChannel(this.#app, principal, request);
  }

  /** Changes settings; what is left out stays. @throws notFound */
  change(principal: Principal, channel: ChannelRef, change: AnyChannelChange): Promise<void> {
    return changeChannel(this.#app, principal, channel, change);
  }

  /** Deletes a channel with its messages, readers and rules. @throws notFound */
  remove(principal: Principal, channel: ChannelRef): Promise<void> {
    return removeChannel(this.#app, principal, channel);
  }

  /** A page of the channels that the caller may see. @throws invalid `badCursor` */
  list(principal: Principal, query: z.output<typeof ChannelQuery>): Promise<ChannelPage> {
    return listChannels(this.#app, principal, query);
  }

  /** A channel with what it holds. @throws notFound */
  load(channel: ChannelRef): Promise<Channel> {
    return loadChannel(this.#app, channel.id);
  }

  /**
   * The messages in a body, an object or a list; each keeps its text.
   * @throws invalid, with each wrong message named by its index; tooLarge
   */
  parse(body: string | Uint8Array): NewChannelMessage[] {
    return parseMessages(body);
  }

  /**
   * Adds messages, all or none of them, with keys one after the other. Resolves when they are committed.
   * @throws notFound, conflict `channelDisabled`
   */
  append(channel: ChannelRef, messages: NewChannelMessage[]): Promise<Appended> {
    return this.#writer.append(channel, messages);
  }

  /**
   * The same in a transaction of the caller, whose `record` it is. A transaction with several channels takes them in
   * the order of their ids.
   */
  async appendWith(
    client: PoolClient,
    record: Recorder,
    channel: ChannelRef,
    messages: NewChannelMessage[],
  ): Promise<Appended> {
    if (!channel.enabled) throw channelDisabled(channel);
    const appended = await appendTo(client, record, { channel, messages });
    if (appended === undefined) throw notFound('This channel');
    return appended;
  }

  /**
   * A page in the order of the keys. A `from` beyond the bounds is taken as the nearest one.
   * @throws notFound when the channel is no more
   */
  async read(
    channel: ChannelRef,
    read: KeyRead,
  ): Promise<PageOfKeys & { messages: StoredChannelMessage[]; bounds: Bounds }> {
    const page = await readRows(this.#app.database.pool, channel.id, whole(read));
    if (page === undefined) throw this.#gone(channel);
    const { messages, start, bounds } = page;
    return { messages, nextKey: start + messages.length, lastKey: bounds.nextKey - 1, bounds };
  }

  /**
   * The same as one text, `{…},{…}`, each message as it came: the fastest way. Calls of one turn of the event loop
   * that ask for the same are one query.
   */
  async readText(channel: ChannelRef, read: KeyRead): Promise<PageOfKeys & TextPage & { bounds: Bounds }> {
    const { from, limitCount, limitSize } = whole(read);
    const key = `${channel.id} ${from} ${limitCount} ${limitSize}`;
    const page = await this.#texts.read(key, () =>
      readText(this.#app.database.pool, channel.id, { from, limitCount, limitSize }),
    );
    if (page === undefined) throw this.#gone(channel);
    return { ...page, lastKey: page.bounds.nextKey - 1 };
  }

  /** Messages in the order of their own times, from the first or the last one in a range on. */
  readByTime(channel: ChannelRef, read: TimeRead): Promise<StoredChannelMessage[]> {
    return readByTime(this.#app.database.pool, channel.id, read);
  }

  /**
   * Waits until a message with this key or a greater one is committed; one who is away (`signal`) waits no more. Waits
   * cost an entry in memory each. Read before: a message that was there before this process began wakes nobody.
   * @returns false when the time was over before; look again in any case
   */
  wait(channelId: number, key: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    return this.waiters.wait(channelId, key, timeoutMs, signal);
  }

  /** Deletes messages with a smaller key, at once. @returns the first key from now on @throws notFound */
  deleteBelow(channel: ChannelRef, key: number): Promise<number> {
    return deleteBelow(this.#app, channel, wholeKey(key));
  }

  /** Key of the oldest message there may be, and of the next one to come. @throws notFound */
  async bounds(channel: ChannelRef): Promise<Bounds> {
    const bounds = await readBounds(this.#app.database.pool, channel.id);
    if (bounds === undefined) throw this.#gone(channel);
    return bounds;
  }

  /** Notes how far a reader is; costs no query. */
  noteRead(channel: ChannelRef, note: ReaderNote): void {
    this.readers.note(channel, note);
  }

  /** Notes that a reader waits. @returns a function to call when it does not any more, whatever became of it */
  noteWaiting(channel: ChannelRef, reader: ReaderIdentity, currKey: number): () => void {
    return this.readers.noteWaiting(channel, reader, currKey);
  }

  #gone({ id }: ChannelRef): Error {
    this.refs.forget(id);
    return notFound('This channel');
  }
}

const wholeKey = (key: number): number => Math.min(Math.max(Math.trunc(key), 0), Number.MAX_SAFE_INTEGER);

const whole = ({ from, limitCount, limitSize }: KeyRead): KeyRead => ({
  from: wholeKey(from),
  limitCount: Math.max(1, limitCount),
  limitSize: Math.max(1, limitSize),
});
