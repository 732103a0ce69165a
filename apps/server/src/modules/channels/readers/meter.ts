const SPAN_MS = 5000;
const SPANS = 12;

/** How many a second over the last minute, by the process's own clock. */
export class Meter {
  readonly #counts = new Array<number>(SPANS).fill(0);
  #span = spanNow();

  add(count: number): void {
    this.#upToNow();
    const at = this.#span % SPANS;
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  get rate(): number {
    this.#upToNow();
    return this.#counts.reduce((sum, count) => sum + count, 0) / ((SPANS * SPAN_MS) / 1000);
  }

  #upToNow(): void {
    const now = spanNow();
    for (let left = Math.min(now - this.#span, SPANS); left > 0; left--)
      this.#counts[(now - left + 1) % SPANS] = 0;
    this.#span = now;
  }
}

const spanNow = (): number => Math.floor(performance.now() / SPAN_MS);
