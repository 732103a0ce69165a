/** Lets tests wait until something is so, looking whenever something has changed. */
export class Waiting {
  readonly #waiting = new Set<() => void>();

  look(): void {
    for (const look of [...this.#waiting]) look();
  }

  until(what: () => boolean, timeoutMs = 15_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!what()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`It was not so within ${timeoutMs} ms: ${what}`));
      }, timeoutMs);
      this.#waiting.add(look);
      look();
    });
  }
}
