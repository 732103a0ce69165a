import type { ServerResponse } from 'node:http';
import type { RecordedEvent } from '#core/events/types.js';

/** Events of this time are written together: fewer packets, and a driver that changes twice is sent once. */
const WINDOW_MS = 8;
const HEARTBEAT_MS = 15_000;

/** A browser that reads this slowly gets the newest values only, not every one. */
const SLOW_BYTES = 512 * 1024;

/** More waiting topics than this: the browser is told to reload instead. */
const MAX_WAITING = 20_000;

/** An event as a server-sent frame, made once however many browsers get it. */
const frames = new WeakMap<RecordedEvent, string>();

function frameOf(event: RecordedEvent): string {
  let frame = frames.get(event);
  if (frame === undefined) {
    const { topic, operation, at, payload } = event;
    frame = `id: ${event.id}\ndata: ${JSON.stringify({ topic, operation, at, payload })}\n\n`;
    frames.set(event, frame);
  }
  return frame;
}

/**
 * One browser's stream. Frames wait a few milliseconds; of a driver that changes again in that time, or while the
 * browser does not keep up, only the newest value is kept, so a slow reader costs bounded memory and loses no state.
 */
export class LiveConnection {
  readonly #response: ServerResponse;
  readonly #waiting = new Map<string, string>();
  readonly #heartbeat: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #unnamed = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.#heartbeat = setInterval(() => response.write(': \n\n'), HEARTBEAT_MS);
    response.on('drain', () => this.#flush());
  }

  send(event: RecordedEvent): void {
    // Order matters between events that add and remove; values of one driver may replace each other.
    const replaceable = event.operation === 'UPDATE' && event.topic.includes('/drivers/');
    const key = replaceable ? event.topic : `#${this.#unnamed++}`;
    if (replaceable) this.#waiting.delete(key);
    this.#waiting.set(key, frameOf(event));
    if (this.#waiting.size > MAX_WAITING) this.reset(event.id);
    this.#timer ??= setTimeout(() => this.#flush(), WINDOW_MS);
  }

  /** Tells the browser how far it knows everything: one that comes again says so, also where no event came until then. */
  mark(id: number): void {
    this.#waiting.set('mark', `id: ${id}\n\n`);
    this.#timer ??= setTimeout(() => this.#flush(), WINDOW_MS);
  }

  /** Tells the browser to load everything anew, and to go on after `id`. */
  reset(id: number): void {
    this.#waiting.clear();
    this.#waiting.set('reset', `id: ${id}\nevent: reset\ndata: {}\n\n`);
    this.#timer ??= setTimeout(() => this.#flush(), WINDOW_MS);
  }

  close(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#timer);
    this.#waiting.clear();
    this.#response.end();
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#waiting.size === 0 || this.#response.writableLength > SLOW_BYTES) return;
    this.#response.write([...this.#waiting.values()].join(''));
    this.#waiting.clear();
  }
}
