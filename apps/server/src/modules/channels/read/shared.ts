/**
 * Makes equal reads that are asked for in one turn of the event loop one read: so thousands that wait for the same
 * message cost one query. A read never joins one that is on its way already, which might not see what it should.
 */
export class SharedReads<Result> {
  readonly #asked = new Map<string, Promise<Result>>();

  /** @param key equal for equal reads */
  read(key: string, work: () => Promise<Result>): Promise<Result> {
    const asked = this.#asked.get(key);
    if (asked !== undefined) return asked;
    const reading = new Promise<Result>((resolve, reject) => {
      setImmediate(() => {
        this.#asked.delete(key);
        work().then(resolve, reject);
      });
    });
    this.#asked.set(key, reading);
    return reading;
  }
}
