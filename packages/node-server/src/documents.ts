import { isDeepStrictEqual } from 'node:util';

/** A change of one key that the service has not shown in a `config` yet. */
interface Change {
  /** `undefined`: removed. */
  value: unknown;
  /** When the service acknowledged it; a config that came long after it and differs is the truth. */
  acknowledgedAt?: number;
}

/** How long an older config may still arrive after the acknowledgement. */
const SETTLE_MS = 5_000;

/** Equal after a way over the wire; a database may have turned the keys of objects round. */
const same = (stored: unknown, own: unknown) =>
  own === undefined ? stored === undefined : isDeepStrictEqual(stored, JSON.parse(JSON.stringify(own)));

/**
 * One of the objects a node server keeps at the service: custom parameters, custom data, notices. The
 * wire replaces whole objects, and an older `config` may cross a newer write, so own changes stay on
 * top of every config until one shows them. Nothing another party changed meanwhile is lost either.
 */
export class KeyedDocument {
  #base: Readonly<Record<string, unknown>> = {};
  readonly #changes = new Map<string, Change>();
  readonly #send: (whole: Record<string, unknown>) => Promise<void>;

  constructor(send: (whole: Record<string, unknown>) => Promise<void>) {
    this.#send = send;
  }

  /** Everything, own changes included. */
  get all(): Record<string, unknown> {
    const whole: Record<string, unknown> = { ...this.#base };
    for (const [key, { value }] of this.#changes) {
      if (value === undefined) delete whole[key];
      else whole[key] = value;
    }
    return whole;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** The value of a key. The type is the caller's claim about what it stored there. */
  get<T = unknown>(key: string): T | undefined {
    const change = this.#changes.get(key);
    return (change ? change.value : Object.hasOwn(this.#base, key) ? this.#base[key] : undefined) as
      | T
      | undefined;
  }

  /** The value of a key as trimmed text, for what a user typed; empty and missing are both `undefined`. */
  text(key: string): string | undefined {
    const value = this.get(key);
    if (typeof value !== 'string' && typeof value !== 'number') return undefined;
    return String(value).trim() || undefined;
  }

  /** Sets some keys and keeps the others. Resolves when stored. */
  merge(values: Record<string, unknown>): Promise<void> {
    return this.#change(Object.entries(values));
  }

  /** Removes keys; unknown ones are no error. */
  remove(...keys: string[]): Promise<void> {
    return this.#change(keys.map((key) => [key, undefined]));
  }

  /** Replaces everything. */
  save(values: Record<string, unknown>): Promise<void> {
    const gone = Object.keys(this.all).filter((key) => !Object.hasOwn(values, key));
    return this.#change([
      ...gone.map((key): [string, unknown] => [key, undefined]),
      ...Object.entries(values),
    ]);
  }

  clear(): Promise<void> {
    return this.save({});
  }

  /** Takes over what a config shows. */
  accept(base: Readonly<Record<string, unknown>> | undefined): void {
    this.#base = base ?? {};
    const now = performance.now();
    for (const [key, { value, acknowledgedAt }] of this.#changes) {
      const settled = acknowledgedAt !== undefined && now - acknowledgedAt > SETTLE_MS;
      if (settled || same(this.#base[key], value)) this.#changes.delete(key);
    }
  }

  #change(entries: [string, unknown][]): Promise<void> {
    const made = entries.map(([key, value]): [string, Change] => [key, { value }]);
    for (const [key, change] of made) this.#changes.set(key, change);
    const stored = this.#send(this.all).then(() => {
      for (const [, change] of made) change.acknowledgedAt = performance.now();
    });
    stored.catch(() => {});
    return stored;
  }
}
