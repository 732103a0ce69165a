import { setTimeout as delay } from 'node:timers/promises';
import { allows, channelFilter, channelTopics } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { isDatabaseAway } from '#core/database/database.js';
import { DomainError } from '#core/errors.js';
import type { Connection } from '#edges/mqtt/index.js';
import { forget, newestOf, resume, type SessionKey, type Start, save } from './cursors.js';
import { Progress } from './progress.js';
import { Window } from './window.js';

const PAGE = { limitCount: 200, limitSize: 256 * 1024 };
/** How far a session has acknowledged is written this often. */
const SAVE_MS = 1000;
/** A session that comes back subscribes anew: what it missed is sent when it has said all that it wants. */
const SETTLE_MS = 300;
/** While the database is away it is tried again this often. */
const RETRY_MS = 500;

/**
 * Sends the messages of channels to one connection, each channel's in the order of its keys, page by page from the
 * store: a connection that is slow holds up nobody else and costs no memory. A session that asked to be remembered goes
 * on where it last acknowledged.
 */
export class ConnectionReader {
  readonly #app: FastifyInstance;
  readonly #connection: Connection;
  readonly #session: SessionKey;
  readonly #channels = new Map<number, Progress>();
  /** Channels with messages that were not sent yet, the one that waits the longest first. */
  readonly #behind = new Set<number>();
  readonly #window = new Window();
  readonly #stopping = new AbortController();
  #running = false;
  #forgotten = false;
  #settling: NodeJS.Timeout | undefined;
  #saving: NodeJS.Timeout | undefined;

  constructor(app: FastifyInstance, connection: Connection) {
    this.#app = app;
    this.#connection = connection;
    this.#session = { userId: connection.identity.id, clientId: connection.clientId };
  }

  /** Finds out where a subscription begins: before it is acknowledged, so that nothing is missed after that. */
  async prepare(id: number | 'all'): Promise<void> {
    const { pool } = this.#app.database;
    const { lasting } = this.#connection;
    if (!lasting && !this.#forgotten) {
      await forget(pool, this.#session);
      this.#forgotten = true;
    }
    const starts = lasting
      ? await resume(pool, this.#session, id)
      : await newestOf(pool, this.#session.userId, id);
    for (const start of starts) this.#follow(start);
  }

  /** A channel was made: it is sent from its first message, to who hears all. */
  async made(channelId: number): Promise<void> {
    const all = this.#connection.filters().some((filter) => {
      const wanted = channelFilter(filter);
      return wanted?.kind === 'message' && wanted.id === 'all';
    });
    if (!all) return;
    if (this.#connection.lasting) await resume(this.#app.database.pool, this.#session, channelId);
    this.#follow({ channelId, nextKey: 0 });
    this.#begin();
  }

  /** A channel is no more. */
  drop(channelId: number): void {
    this.#channels.delete(channelId);
    this.#behind.delete(channelId);
  }

  /** A subscription stands. */
  subscribed(): void {
    clearTimeout(this.#settling);
    if (this.#connection.lasting) this.#settling = setTimeout(() => this.#begin(), SETTLE_MS).unref();
    else this.#begin();
  }

  /** There may be more of a channel. */
  wake(channelId: number): void {
    if (this.#channels.get(channelId)?.ready) this.#behind.add(channelId);
    if (!this.#running && this.#behind.size > 0) void this.#run();
  }

  #begin(): void {
    for (const [id, progress] of this.#channels) {
      if (progress.ready) continue;
      progress.ready = true;
      this.wake(id);
    }
  }

  /** A subscription was given up: channels that nothing else asks for are forgotten. */
  async unsubscribed(): Promise<void> {
    const wanted = this.#connection.filters().flatMap((filter) => {
      const channels = channelFilter(filter);
      return channels?.kind === 'message' ? [channels.id] : [];
    });
    if (wanted.includes('all')) return;
    const given = [...this.#channels.keys()].filter((id) => !wanted.includes(id));
    for (const id of given) this.drop(id);
    if (this.#connection.lasting) await forget(this.#app.database.pool, this.#session, given);
  }

  /** Sends no more. Resolves when it is written how far the session is. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#settling);
    clearTimeout(this.#saving);
    this.#saving = undefined;
    await this.#save();
  }

  #follow({ channelId, nextKey }: Start): void {
    const { access } = this.#connection.identity;
    const call = { uri: 'gw/channels/messages', method: 'GET', id: channelId } as const;
    if (this.#channels.has(channelId) || access === undefined || !allows(access, call)) return;
    this.#channels.set(channelId, new Progress(nextKey));
  }

  get #over(): boolean {
    return this.#stopping.signal.aborted || this.#connection.closed;
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let [id] = this.#behind; id !== undefined && !this.#over; [id] = this.#behind) {
      this.#behind.delete(id);
      const progress = this.#channels.get(id);
      try {
        if (progress !== undefined && (await this.#sendPage(id, progress))) this.#behind.add(id);
      } catch (error) {
        if (error instanceof DomainError && error.kind === 'notFound') this.drop(id);
        else await this.#failed(id, error);
      }
    }
    this.#running = false;
  }

  /** It is tried again in a while, unless the end is what it failed for. */
  async #failed(id: number, error: unknown): Promise<void> {
    if (this.#over) return;
    this.#behind.add(id);
    if (!isDatabaseAway(error)) this.#app.log.error({ err: error }, 'a channel could not be sent by MQTT');
    await delay(RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  /** @returns whether there is more */
  async #sendPage(id: number, progress: Progress): Promise<boolean> {
    const { channels } = this.#app;
    const channel = await channels.find(id);
    if (channel === undefined) {
      this.drop(id);
      return false;
    }
    const { messages, nextKey, lastKey } = await channels.read(channel, { from: progress.next, ...PAGE });
    for (const { key, ident, json, bytes } of messages) {
      await this.#window.room(bytes);
      if (this.#over || !this.#channels.has(id)) return false;
      const topic = channelTopics.message(id, ident);
      const qos = this.#connection.granted(topic);
      if (qos === undefined) {
        progress.next = key + 1;
        continue;
      }
      progress.sent(key);
      this.#window.sent(bytes);
      void this.#connection.send(topic, json, { qos }).then((outcome) => {
        this.#window.settled(bytes);
        if (outcome === 'ended') return;
        progress.acknowledged(key);
        this.#saveSoon();
      });
    }
    // Where the first ones were deleted meanwhile, it goes on behind them.
    progress.next = Math.max(progress.next, nextKey);
    return nextKey <= lastKey;
  }

  #saveSoon(): void {
    if (!this.#connection.lasting || this.#over) return;
    this.#saving ??= setTimeout(() => {
      this.#saving = undefined;
      void this.#save();
    }, SAVE_MS).unref();
  }

  async #save(): Promise<void> {
    if (!this.#connection.lasting) return;
    const moved = [...this.#channels].filter(([, { reached, saved }]) => reached > saved);
    if (moved.length === 0) return;
    const reached = moved.map(([channelId, progress]) => ({ channelId, nextKey: progress.reached }));
    try {
      await save(this.#app.database.pool, this.#session, reached);
      moved.forEach(([, progress], i) => {
        progress.saved = reached[i]?.nextKey ?? progress.saved;
      });
    } catch (error) {
      // It is written with the next one; until then some messages would come twice.
      this.#app.log.debug({ err: error }, 'how far an MQTT session is could not be written');
    }
  }
}
