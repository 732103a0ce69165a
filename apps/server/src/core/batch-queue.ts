import { isDatabaseAway } from '#core/database/database.js';

interface Waiting<Item, Result> {
  items: Item[];
  weight: number;
  resolve(results: Result[]): void;
  reject(error: unknown): void;
}

interface BatchOptions<Item, Result> {
  /** Weight of one batch at the most. What was added together stays together, even if it is heavier. */
  max: number;
  /** 1 for each when left out. */
  weigh?(item: Item): number;
  /** Writes a batch in one transaction. @returns what became of each item, in the same order */
  write(items: Item[]): Promise<Result[]>;
}

/**
 * Writes items in batches, in their order: while one batch is on its way to the disk the next one collects, so that a
 * single item waits for nothing and a storm is written many at a time.
 */
export class BatchQueue<Item, Result> {
  readonly #options: BatchOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #writing = false;

  constructor(options: BatchOptions<Item, Result>) {
    this.#options = options;
  }

  /** Nothing waits and nothing is being written. */
  get idle(): boolean {
    return !this.#writing;
  }

  /** Resolves when the items are written, with what became of each. */
  add(items: Item[]): Promise<Result[]> {
    if (items.length === 0) return Promise.resolve([]);
    const { weigh } = this.#options;
    const weight = weigh === undefined ? items.length : items.reduce((sum, item) => sum + weigh(item), 0);
    return new Promise((resolve, reject) => this.#push({ items, weight, resolve, reject }));
  }

  /** Resolves when the item is written, with what became of it. */
  addOne(item: Item): Promise<Result> {
    const weight = this.#options.weigh?.(item) ?? 1;
    return new Promise((resolve, reject) => {
      this.#push({ items: [item], weight, resolve: ([result]) => resolve(result as Result), reject });
    });
  }

  #push(waiting: Waiting<Item, Result>): void {
    this.#waiting.push(waiting);
    if (this.#writing) return;
    this.#writing = true;
    // After this turn of the event loop: what came in one read of the socket goes together.
    setImmediate(() => void this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        const results = await this.#options.write(batch.flatMap(({ items }) => items));
        let from = 0;
        for (const { items, resolve } of batch) {
          resolve(results.slice(from, from + items.length));
          from += items.length;
        }
      } catch (error) {
        // What the database does not take must not harm the others.
        if (batch.length > 1 && !isDatabaseAway(error)) await this.#writeEach(batch);
        else for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = false;
  }

  async #writeEach(batch: Waiting<Item, Result>[]): Promise<void> {
    for (const { items, resolve, reject } of batch) await this.#options.write(items).then(resolve, reject);
  }

  #take(): Waiting<Item, Result>[] {
    let weight = 0;
    let end = 0;
    for (const waiting of this.#waiting) {
      weight += waiting.weight;
      if (end > 0 && weight > this.#options.max) break;
      end++;
    }
    return this.#waiting.splice(0, end);
  }
}

/** The queue of an id (a UUID) among several: always the same one, so that its items stay in order. */
export function queueOf<Queue>(queues: readonly Queue[], id: string): Queue {
  const queue = queues[Number.parseInt(id.slice(-2), 16) % queues.length];
  if (queue === undefined) throw new Error(`no queue for ${id}`);
  return queue;
}
