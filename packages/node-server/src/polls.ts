export interface PollSettings {
  /** Seconds. */
  shortPoll: number;
  longPoll: number;
}

type Name = keyof PollSettings;
const names = ['shortPoll', 'longPoll'] as const;

/**
 * The two timers (PGC section 5). A poll that still runs when the next is due is not started twice, and
 * a config that changes nothing does not shift the rhythm.
 */
export class Polls {
  readonly #run: (name: Name) => unknown;
  readonly #seconds: Record<Name, number> = { shortPoll: 0, longPoll: 0 };
  readonly #timers = new Map<Name, NodeJS.Timeout>();
  readonly #busy = new Set<Name>();
  #running = false;

  constructor(run: (name: Name) => unknown) {
    this.#run = run;
  }

  get current(): PollSettings {
    return { ...this.#seconds };
  }

  /** Takes seconds as the wire has them, numbers or text; anything else leaves the timer as it is. */
  set(settings: { [name in Name]?: unknown }): void {
    for (const name of names) {
      const seconds = Number(settings[name]);
      if (!Number.isFinite(seconds) || seconds < 1 || seconds === this.#seconds[name]) continue;
      this.#seconds[name] = seconds;
      if (this.#running) this.#arm(name);
    }
  }

  /** Begins to poll. */
  start(): void {
    this.#running = true;
    for (const name of names) if (this.#seconds[name] > 0) this.#arm(name);
  }

  close(): void {
    this.#running = false;
    for (const timer of this.#timers.values()) clearInterval(timer);
    this.#timers.clear();
  }

  #arm(name: Name): void {
    clearInterval(this.#timers.get(name));
    this.#timers.set(
      name,
      setInterval(() => void this.#poll(name), this.#seconds[name] * 1000),
    );
  }

  async #poll(name: Name): Promise<void> {
    if (this.#busy.has(name)) return;
    this.#busy.add(name);
    try {
      await this.#run(name);
    } finally {
      this.#busy.delete(name);
    }
  }
}
