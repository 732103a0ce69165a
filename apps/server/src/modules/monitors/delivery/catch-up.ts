import type { Logger } from 'pino';

/** Something that reads the log by itself, one part at a time. */
export interface Reader {
  /** Kept by {@link CatchUp}. */
  queued: boolean;
  readonly ended: boolean;
  /** Reads one part. @returns whether it wants more */
  readPart(): Promise<boolean>;
}

/** Readings that go on at once: so many sessions that come back together do not take all the database has. */
const AT_ONCE = 4;
const PAUSE_MS = 500;
/** Between two warnings. */
const WARN_MS = 30_000;

/** Readings of the log, in turn: each session one part, then the next session. */
export class CatchUp {
  readonly #log: Logger;
  #waiting: Reader[] = [];
  #next = 0;
  #running = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** It is let read one part as soon as it is its turn. */
  want(reader: Reader): void {
    if (reader.queued || this.#stopped) return;
    reader.queued = true;
    this.#waiting.push(reader);
    if (this.#running < AT_ONCE) void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
    this.#next = 0;
  }

  async #run(): Promise<void> {
    this.#running++;
    for (let reader = this.#take(); reader !== undefined; reader = this.#take()) {
      try {
        const more = !reader.ended && (await reader.readPart());
        reader.queued = false;
        if (more) this.want(reader);
      } catch (error) {
        this.#failed(reader, error);
      }
    }
    this.#running--;
  }

  #take(): Reader | undefined {
    const reader = this.#waiting[this.#next];
    if (reader === undefined) {
      this.#waiting = [];
      this.#next = 0;
      return undefined;
    }
    this.#next++;
    if (this.#next > 1000) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return reader;
  }

  /** Nothing is lost: it reads the same again. */
  #failed(reader: Reader, error: unknown): void {
    const now = performance.now();
    if (now - this.#warnedAt > WARN_MS) {
      this.#warnedAt = now;
      this.#log.warn({ err: error }, 'the log could not be read for a monitor; trying again');
    }
    setTimeout(() => {
      reader.queued = false;
      this.want(reader);
    }, PAUSE_MS).unref();
  }
}
