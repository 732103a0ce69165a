const SLOTS = 6;
const SLOT_MS = 10_000;

/** Counts over the last minute, in slots of ten seconds. */
export class RateMeter {
  readonly #counts = new Array<number>(SLOTS).fill(0);
  #slot = 0;
  #total = 0;

  add(count: number, now: number): void {
    this.#pass(now);
    const i = this.#slot % SLOTS;
    this.#counts[i] = (this.#counts[i] ?? 0) + count;
    this.#total += count;
  }

  /** A second. */
  rate(now: number): number {
    if (this.#total === 0) return 0;
    this.#pass(now);
    return this.#total / ((SLOTS * SLOT_MS) / 1000);
  }

  #pass(now: number): void {
    const slot = Math.floor(now / SLOT_MS);
    for (let passed = Math.min(slot - this.#slot, SLOTS); passed > 0; passed--) {
      const i = (slot - passed + 1) % SLOTS;
      this.#total -= this.#counts[i] ?? 0;
      this.#counts[i] = 0;
    }
    this.#slot = Math.max(this.#slot, slot);
  }
}
