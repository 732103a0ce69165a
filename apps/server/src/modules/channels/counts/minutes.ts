import { ChannelAppended, channelOfEvent } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { messageOf } from '#core/errors.js';
import { MINUTE_MS, writeMinutes } from './store.js';

const FLUSH_MS = 5000;

/** Counts what is added to each channel in each minute: in memory, written every few seconds in one statement. */
export class Minutes {
  readonly #app: FastifyInstance;
  /** Messages by `<channel> <start of the minute>`. */
  #counts = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(app: FastifyInstance) {
    this.#app = app;
    const onlyOwn = { localOnly: true };
    app.events.on(
      'channels/+/messages',
      (event) => {
        if (event.operation !== 'INSERTION') return;
        const { count } = ChannelAppended.parse(event.payload);
        const key = `${channelOfEvent(event)} ${Math.floor(event.at.getTime() / MINUTE_MS) * MINUTE_MS}`;
        this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
        app.metrics.count('channelMessages', count);
      },
      onlyOwn,
    );
  }

  start(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  /** Writes now what is not written yet; one writing after the other. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  async #write(): Promise<void> {
    const counts = this.#counts;
    if (counts.size === 0) return;
    this.#counts = new Map();
    try {
      await writeMinutes(
        this.#app.database.pool,
        [...counts].map(([key, messages]) => {
          const [channelId, minute] = key.split(' ').map(Number);
          return { channelId: channelId ?? 0, minute: new Date(minute ?? 0), messages };
        }),
      );
    } catch (error) {
      for (const [key, messages] of counts) this.#counts.set(key, (this.#counts.get(key) ?? 0) + messages);
      this.#app.logger.warn(`counts of channels could not be written: ${messageOf(error)}`);
    }
  }
}
