import pLimit, { type LimitFunction } from 'p-limit';

/** Requests under way at once: to servers that answered quickly the last time, and to all others. */
const QUICK = 256;
const SLOW = 64;
/** An answer within this many ms is quick. */
const QUICK_MS = 1000;

/** Bounds how many requests are under way, so that servers which are dead or slow leave room for the others. */
export class Lanes {
  readonly quick: LimitFunction = pLimit(QUICK);
  readonly slow: LimitFunction = pLimit(SLOW);
}

/** In which lane one monitor’s requests go. One that was not tried yet begins in the slow one. */
export class Lane {
  readonly #lanes: Lanes;
  #isQuick = false;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  /** Runs a request when there is room. @param succeeded whether its server did what it should */
  run<T>(request: () => Promise<T>, succeeded: (result: T) => boolean): Promise<T> {
    const limit = this.#isQuick ? this.#lanes.quick : this.#lanes.slow;
    return limit(async () => {
      const begun = performance.now();
      const result = await request();
      this.#isQuick = succeeded(result) && performance.now() - begun < QUICK_MS;
      return result;
    });
  }
}
