import { ChannelAppended, channelOfEvent } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { RecordedEvent } from '#core/events/types.js';

interface Waiter {
  key: number;
  /** Of the process's own clock, which does not jump. */
  deadline: number;
  end(found: boolean): void;
}

/** How exactly a wait ends when nothing comes: one timer looks at all of them. */
const LOOK_EVERY_MS = 100;

/**
 * Who waits for the next message of a channel: an entry in memory each, woken by the event of the commit. No timer and
 * no connection to the database of its own.
 */
export class Waiters {
  readonly #byChannel = new Map<number, Set<Waiter>>();
  /** The next key of each channel, as its last event said. */
  readonly #nextKeys = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #count = 0;

  constructor({ events }: FastifyInstance) {
    events.on('channels/+/messages', (event) => this.#appended(event));
    events.on('channels/+', (event) => {
      if (event.operation === 'DELETION') this.#deleted(channelOfEvent(event));
    });
  }

  /** How many wait. */
  get count(): number {
    return this.#count;
  }

  /**
   * Waits until a message with this key or a greater one is committed.
   * @returns false when the time was over before, the caller went away, or the service closes
   */
  wait(channelId: number, key: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    // What was announced since the caller has looked; what is announced from now on will find the waiter.
    if ((this.#nextKeys.get(channelId) ?? 0) > key) return Promise.resolve(true);
    if (this.#closed || signal?.aborted === true || timeoutMs <= 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const left = (): void => waiter.end(false);
      const waiter: Waiter = {
        key,
        deadline: performance.now() + timeoutMs,
        end: (found) => {
          this.#remove(channelId, waiter);
          signal?.removeEventListener('abort', left);
          resolve(found);
        },
      };
      signal?.addEventListener('abort', left, { once: true });
      this.#add(channelId, waiter);
    });
  }

  /** Answers all who wait; nobody waits from here on. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#all()) waiter.end(false);
  }

  #appended(event: RecordedEvent): void {
    if (event.operation !== 'INSERTION') return;
    const { lastKey } = ChannelAppended.parse(event.payload);
    const channelId = channelOfEvent(event);
    this.#nextKeys.set(channelId, Math.max(this.#nextKeys.get(channelId) ?? 0, lastKey + 1));
    for (const waiter of [...(this.#byChannel.get(channelId) ?? [])])
      if (waiter.key <= lastKey) waiter.end(true);
  }

  /** Whoever waited learns of it by looking. */
  #deleted(channelId: number): void {
    this.#nextKeys.delete(channelId);
    for (const waiter of [...(this.#byChannel.get(channelId) ?? [])]) waiter.end(true);
  }

  #add(channelId: number, waiter: Waiter): void {
    const waiters = this.#byChannel.get(channelId);
    if (waiters === undefined) this.#byChannel.set(channelId, new Set([waiter]));
    else waiters.add(waiter);
    this.#count++;
    this.#timer ??= setInterval(() => this.#endLate(), LOOK_EVERY_MS);
  }

  #remove(channelId: number, waiter: Waiter): void {
    const waiters = this.#byChannel.get(channelId);
    if (waiters?.delete(waiter) !== true) return;
    if (waiters.size === 0) this.#byChannel.delete(channelId);
    this.#count--;
    if (this.#count > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #endLate(): void {
    const now = performance.now();
    for (const waiter of this.#all()) if (waiter.deadline <= now) waiter.end(false);
  }

  #all(): Waiter[] {
    return [...this.#byChannel.values()].flatMap((waiters) => [...waiters]);
  }
}
