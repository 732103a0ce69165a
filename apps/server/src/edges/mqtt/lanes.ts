/**
 * Keeps the order of one sender's messages without making them wait for each other where that is not needed.
 * aedes hands over a whole socket read at once; published modules rely on their messages taking effect in order.
 * Shared work (driver updates, which are batched further on) runs together; exclusive work waits for everything
 * before it and holds back everything after it.
 */
export class Lane {
  #exclusive: Promise<unknown> = Promise.resolve();
  #shared = new Set<Promise<unknown>>();
  #waiting = 0;

  get idle(): boolean {
    return this.#waiting === 0;
  }

  run<T>(exclusive: boolean, work: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const before = exclusive ? Promise.all([this.#exclusive, ...this.#shared]) : this.#exclusive;
    const result = before.then(work);
    const shared = this.#shared;
    const settle = (): void => {
      this.#waiting--;
      shared.delete(settled);
    };
    const settled: Promise<void> = result.then(settle, settle);
    if (exclusive) {
      this.#exclusive = settled;
      this.#shared = new Set();
    } else {
      shared.add(settled);
    }
    return result;
  }
}

/** One lane a sender; empty lanes are forgotten. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  async run<T>(sender: string, exclusive: boolean, work: () => Promise<T>): Promise<T> {
    let lane = this.#lanes.get(sender);
    if (lane === undefined) {
      lane = new Lane();
      this.#lanes.set(sender, lane);
    }
    try {
      return await lane.run(exclusive, work);
    } finally {
      if (lane.idle && this.#lanes.get(sender) === lane) this.#lanes.delete(sender);
    }
  }
}
