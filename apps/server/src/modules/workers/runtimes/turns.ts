/** Of the service's time this part at most is spent on reading what programs print. */
const SHARE = 0.25;

/** So many milliseconds may be used ahead: timers are not exact. */
const AHEAD_MS = 2;

/** Shares time between many that have work to do: each in its turn, and together no more than a part of it. */
class Turns {
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the time spent so far is made up for. */
  #freeAt = 0;

  /** Whether work may be done at once. */
  isFree(): boolean {
    return this.#waiting.length === 0 && this.#freeAt - performance.now() < AHEAD_MS;
  }

  take(work: () => void): void {
    const begun = performance.now();
    try {
      work();
    } finally {
      const now = performance.now();
      this.#freeAt = Math.max(begun, this.#freeAt) + (now - begun) / SHARE;
    }
  }

  /** Does the work when it is its turn. */
  wait(work: () => void): void {
    this.#waiting.push(work);
    this.#timer ??= setTimeout(this.#go, Math.max(0, this.#freeAt - performance.now()));
  }

  readonly #go = (): void => {
    this.#timer = undefined;
    while (this.#freeAt - performance.now() < AHEAD_MS) {
      const work = this.#waiting.shift();
      if (work === undefined) return;
      this.take(work);
    }
    if (this.#waiting.length > 0) this.#timer ??= setTimeout(this.#go, this.#freeAt - performance.now());
  };
}

export const turns = new Turns();
