import { isDatabaseAway } from '#core/database/database.js';

interface Waiting<T, R> {
  item: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/**
 * Writes items together: while one batch is on its way to the disk the next one collects, so that a single item waits
 * for nothing and many cost one commit.
 */
export class Batches<T, R> {
  readonly #commit: (items: T[]) => Promise<R[]>;
  readonly #most: number;
  #waiting: Waiting<T, R>[] = [];
  #writing: Promise<void> | undefined;

  /** @param commit writes a batch in one transaction, and gives a result for each item, in the same order */
  constructor(commit: (items: T[]) => Promise<R[]>, most: number) {
    this.#commit = commit;
    this.#most = most;
  }

  /** Resolves when the item is committed. */
  write(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves when nothing waits to be written. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // After this turn of the event loop: what came in one read of the socket goes together.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#most);
      try {
        const results = await this.#commit(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, i) => {
          resolve(results[i] as R);
        });
      } catch (error) {
        // What the database does not take must not harm the others.
        if (batch.length > 1 && !isDatabaseAway(error)) await this.#writeEach(batch);
        else for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = undefined;
  }

  async #writeEach(batch: Waiting<T, R>[]): Promise<void> {
    for (const { item, resolve, reject } of batch)
      await this.#commit([item]).then((results) => resolve(results[0] as R), reject);
  }
}
