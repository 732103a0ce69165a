import type { RecordedEvent } from './types.js';

/** Weight of the events of one transaction at the most. */
const MAX_WEIGHT = 1000;
/** Tries of a page before it is split, and of one event before it is skipped. */
const TRIES = 6;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;

/** What follows a failure: the same again after a pause, in ms; fewer events; or going on without the only one. */
export type AfterFailure = number | 'fewer' | 'skip';

/** How many events a follower handles in one transaction, and how often it tries. */
export class Attempts {
  readonly #weigh: (event: RecordedEvent) => number;
  readonly #firstPauseMs: number;
  #weight = MAX_WEIGHT;
  #failures = 0;

  /** @param options.weigh how heavy an event is, 1 when left out; @param options.firstPauseMs after a first failure */
  constructor({
    weigh = () => 1,
    firstPauseMs = FIRST_PAUSE_MS,
  }: {
    weigh?: ((event: RecordedEvent) => number) | undefined;
    firstPauseMs?: number | undefined;
  }) {
    this.#weigh = weigh;
    this.#firstPauseMs = firstPauseMs;
  }

  /** Failures one after the other. */
  get failures(): number {
    return this.#failures;
  }

  /** As many of the events as one transaction takes, at least one. */
  take(events: RecordedEvent[]): RecordedEvent[] {
    let weight = 0;
    const end = events.findIndex((event, i) => {
      weight += this.#weigh(event);
      return i > 0 && weight > this.#weight;
    });
    return end === -1 ? events : events.slice(0, end);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#weight = Math.min(MAX_WEIGHT, this.#weight * 2);
  }

  /** An event was given up: the next one has all its tries. */
  skipped(): void {
    this.#failures = 0;
  }

  /** @param events those that could not be handled together */
  failed(events: RecordedEvent[]): AfterFailure {
    this.#failures++;
    if (this.#failures < TRIES)
      return Math.min(this.#firstPauseMs * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS);
    if (events.length === 1) return 'skip';
    this.#weight = events.reduce((sum, event) => sum + this.#weigh(event), 0) / 2;
    // One event alone has all its tries again.
    if (this.take(events).length === 1) this.#failures = 0;
    return 'fewer';
  }
}
