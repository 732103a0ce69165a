export interface BackoffOptions {
  firstMs?: number;
  maxMs?: number;
  /** A connection that lasted so long resets the waiting time. */
  stableMs?: number;
}

/** Waiting times between attempts: 1 s, doubled up to 60 s, shortened at random so that a crowd spreads out. */
export class Backoff {
  readonly #first: number;
  readonly #max: number;
  readonly #stable: number;
  #next: number;
  #since: number | undefined;

  constructor({ firstMs = 1_000, maxMs = 60_000, stableMs = 20_000 }: BackoffOptions = {}) {
    this.#first = firstMs;
    this.#max = maxMs;
    this.#stable = stableMs;
    this.#next = firstMs;
  }

  connected(): void {
    this.#since = performance.now();
  }

  /** Milliseconds until the next attempt. */
  next(): number {
    if (this.#since !== undefined && performance.now() - this.#since >= this.#stable)
      this.#next = this.#first;
    this.#since = undefined;
    const wait = this.#next;
    this.#next = Math.min(this.#max, wait * 2);
    return Math.ceil(wait * (0.75 + Math.random() / 4));
  }
}
