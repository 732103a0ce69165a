/** Most things held for one key, and for all keys: they hold other people's input. */
const MAX_PER_KEY = 5;
const MAX_ALL = 1000;

interface Entry<T> {
  value: T;
  timer: NodeJS.Timeout;
}

/** Keeps things in memory for a time, by key. The oldest gives way when there are too many. */
export class Held<T> {
  readonly #entries = new Map<string, Entry<T>[]>();
  readonly #ms: number;
  readonly #onExpired: (value: T) => void;
  #count = 0;

  constructor(ms: number, onExpired: (value: T) => void) {
    this.#ms = ms;
    this.#onExpired = onExpired;
  }

  /** @returns false when everything is full */
  add(key: string, value: T): boolean {
    const entries = this.#entries.get(key) ?? [];
    if (entries.length >= MAX_PER_KEY) {
      const oldest = entries[0];
      if (oldest !== undefined) this.#expire(key, oldest);
    }
    if (this.#count >= MAX_ALL) return false;
    const entry: Entry<T> = { value, timer: setTimeout(() => this.#expire(key, entry), this.#ms) };
    entry.timer.unref();
    this.#entries.set(key, [...(this.#entries.get(key) ?? []), entry]);
    this.#count++;
    return true;
  }

  /** Takes out everything of a key, oldest first. */
  take(key: string): T[] {
    const entries = this.#entries.get(key) ?? [];
    this.#entries.delete(key);
    this.#count -= entries.length;
    for (const { timer } of entries) clearTimeout(timer);
    return entries.map(({ value }) => value);
  }

  clear(): void {
    for (const key of [...this.#entries.keys()]) this.take(key);
  }

  #expire(key: string, entry: Entry<T>): void {
    const left = (this.#entries.get(key) ?? []).filter((other) => other !== entry);
    if (left.length === 0) this.#entries.delete(key);
    else this.#entries.set(key, left);
    this.#count--;
    clearTimeout(entry.timer);
    this.#onExpired(entry.value);
  }
}
