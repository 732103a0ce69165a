/** Something that wants to be called at a time. */
export interface Timed {
  /** When it is called next; Infinity: not at all. Kept by {@link Timers}. */
  timerAt: number;
  /** Called once at about that time, or earlier: it asks again if it is not due yet. */
  tick(now: number): void;
}

/** Longest delay of one timer. */
const LONGEST_MS = 60_000;

/** Times of many, with one timer: a heap. One that needs no time any more stays until its time and is called in vain. */
export class Timers {
  readonly #heap: { at: number; what: Timed }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  /** Calls it at `at` of `performance.now()`, or earlier if it asked for an earlier time before. */
  at(what: Timed, at: number): void {
    if (what.timerAt <= at) return;
    what.timerAt = at;
    this.#push({ at, what });
    if (at < this.#timerAt) this.#arm(at);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#heap.length = 0;
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const delay = Math.min(LONGEST_MS, Math.max(0, Math.ceil(at - performance.now())));
    this.#timer = setTimeout(() => this.#fire(), delay).unref();
  }

  #fire(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#pop();
      // An earlier time was asked for afterwards: that one has called it.
      if (first.what.timerAt !== first.at) continue;
      first.what.timerAt = Number.POSITIVE_INFINITY;
      first.what.tick(now);
    }
    const next = this.#heap[0];
    if (next !== undefined && next.at < this.#timerAt) this.#arm(next.at);
  }

  #push(entry: { at: number; what: Timed }): void {
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as { at: number; what: Timed };
      if (above.at <= entry.at) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1]?.at ?? 0) < (heap[child]?.at ?? 0)) child++;
      const below = heap[child] as { at: number; what: Timed };
      if (below.at >= last.at) break;
      heap[i] = below;
      i = child;
    }
    heap[i] = last;
  }
}
