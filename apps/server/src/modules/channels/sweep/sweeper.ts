import type { FastifyInstance } from 'fastify';
import { deleteBelow } from '../commands/delete-below.js';
import { deleteOldMinutes } from '../counts/store.js';
import { deleteOldReaders } from '../readers/store.js';
import { Marks } from './marks.js';
import {
  ageOf,
  channelsToSweep,
  deleteOrphans,
  deleteRows,
  orphanedChannels,
  type SweepRow,
} from './store.js';

const EVERY_MS = 30_000;
/** What is left of channels that went with their owner, of counts and of readers is looked for this seldom. */
const REST_EVERY_MS = 600_000;
/** Rows that go in one transaction: none lasts long. */
const CHUNK = 2000;

/** Deletes messages that were kept long enough, the rows of those that are deleted, and those of channels that are no more. */
export class Sweeper {
  readonly #app: FastifyInstance;
  readonly #stop = new AbortController();
  readonly #marks = new Marks();
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #again = false;
  #restAt = Number.NEGATIVE_INFINITY;

  constructor(app: FastifyInstance) {
    this.#app = app;
    // One replica alone: the one that deleted it.
    const onDeletion = { localOnly: true };
    app.events.on(
      'channels/+',
      ({ operation }) => {
        if (operation !== 'DELETION') return;
        this.#restAt = Number.NEGATIVE_INFINITY;
        void this.sweep();
      },
      onDeletion,
    );
  }

  start(): void {
    void this.sweep();
    this.#timer = setInterval(() => void this.sweep(), EVERY_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#sweeping;
  }

  /** Sweeps now; once more when it is being done already. Resolves when all is done. */
  sweep(): Promise<void> {
    this.#again = true;
    this.#sweeping ??= this.#sweepOn().finally(() => {
      this.#sweeping = undefined;
    });
    return this.#sweeping;
  }

  async #sweepOn(): Promise<void> {
    while (this.#again && !this.#stop.signal.aborted) {
      this.#again = false;
      try {
        await this.#sweepAll();
        await this.#sweepRest();
      } catch (error) {
        if (!this.#stop.signal.aborted)
          this.#app.logger.warn(
            { err: error },
            'old messages of channels could not be deleted; trying again',
          );
      }
    }
  }

  async #sweepAll(): Promise<void> {
    const { pool } = this.#app.database;
    const channels = await channelsToSweep(pool);
    this.#marks.keepOnly(new Set(channels.map(({ id }) => id)));
    for (const channel of channels) {
      if (this.#stop.signal.aborted) return;
      const expired = await this.#expire(channel);
      // Nearly all have nothing to delete: they cost no statement each.
      if (!expired && channel.deleted_messages === channel.first_key) continue;
      while (!this.#stop.signal.aborted && (await deleteRows(pool, channel.id, CHUNK)));
    }
  }

  /** Moves a channel's tail over what was kept long enough. @returns whether there was any */
  async #expire(channel: SweepRow): Promise<boolean> {
    const { id, messages_ttl, age } = channel;
    const [firstKey, nextKey] = [Number(channel.first_key), Number(channel.next_key)];
    const ttlMs = messages_ttl * 1000;
    const byMarks = this.#marks.expiredBelow(id, ttlMs);
    this.#marks.note(id, nextKey, ttlMs);
    if (byMarks <= firstKey && (age === null || age < ttlMs)) return false;
    const byTime = await this.#expiredBelow(id, Math.max(firstKey, byMarks), nextKey, ttlMs);
    const below = Math.max(byMarks, byTime);
    const ref = below > firstKey ? await this.#app.channels.find(id) : undefined;
    if (ref === undefined) return false;
    await deleteBelow(this.#app, ref, below);
    return true;
  }

  /** The first key whose message is not too old, between two of them: times grow with keys. */
  async #expiredBelow(channelId: number, low: number, high: number, ttlMs: number): Promise<number> {
    const { pool } = this.#app.database;
    const isOld = async (key: number): Promise<boolean> =>
      ((await ageOf(pool, channelId, key)) ?? Number.POSITIVE_INFINITY) >= ttlMs;
    if (low >= high || !(await isOld(low))) return low;
    let [old, young] = [low, high];
    while (young - old > 1) {
      const middle = Math.floor((old + young) / 2);
      if (await isOld(middle)) old = middle;
      else young = middle;
    }
    return young;
  }

  async #sweepRest(): Promise<void> {
    const now = performance.now();
    if (now - this.#restAt < REST_EVERY_MS) return;
    this.#restAt = now;
    const { pool } = this.#app.database;
    for (const id of await orphanedChannels(pool)) {
      for (let from: number | null = 0; from !== null && !this.#stop.signal.aborted; )
        from = await deleteOrphans(pool, id, from, CHUNK);
    }
    await deleteOldMinutes(pool);
    await deleteOldReaders(pool);
  }
}
