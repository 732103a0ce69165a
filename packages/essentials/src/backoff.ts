/** Waiting times between attempts: 1, 2, 4 … 30 s, shortened at random so that a crowd spreads out. */
export class Backoff {
  readonly #first: number;
  readonly #max: number;
  #next: number;

  constructor(firstMs = 1000, maxMs = 30_000) {
    this.#first = firstMs;
    this.#max = maxMs;
    this.#next = firstMs;
  }

  reset(): void {
    this.#next = this.#first;
  }

  /** Milliseconds until the next attempt. */
  next(): number {
    const wait = this.#next;
    this.#next = Math.min(this.#max, wait * 2);
    return Math.ceil(wait * (0.75 + Math.random() / 4));
  }
}
