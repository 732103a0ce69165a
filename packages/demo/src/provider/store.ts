import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Entry {
  payload: AdapterPayload;
  /** ms since 1970. */
  expiresAt: number;
}

interface Saved {
  secret?: string;
  entries?: [string, Entry][];
}

/**
 * What the provider remembers: sessions, grants, tokens. One map; with a file it outlives the process,
 * so that an account stays linked when the demo is started again.
 */
export class ProviderStore {
  readonly #entries: Map<string, Entry>;
  readonly #file: string | undefined;
  #secret: string | undefined;
  #saving: NodeJS.Immediate | undefined;

  constructor(file?: string) {
    this.#file = file;
    const saved = file === undefined ? {} : read(file);
    this.#entries = new Map(saved.entries);
    this.#secret = saved.secret;
  }

  /** Given to the provider: it makes one adapter a kind of model. */
  readonly adapter = (kind: string): Adapter => new StoreAdapter(this, kind);

  /** The key that signs cookies; made once. */
  secret(): string {
    this.#secret ??= randomBytes(32).toString('hex');
    return this.#secret;
  }

  get(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAt > Date.now()) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  find(kind: string, accepts: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const key of this.#entries.keys()) {
      const payload = key.startsWith(`${kind}:`) ? this.get(key)?.payload : undefined;
      if (payload && accepts(payload)) return payload;
    }
    return undefined;
  }

  set(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#save();
  }

  delete(accepts: (key: string, entry: Entry) => boolean): void {
    for (const [key, entry] of this.#entries) if (accepts(key, entry)) this.#entries.delete(key);
    this.#save();
  }

  clear(): void {
    this.delete(() => true);
  }

  /** Writes what is still to be written. */
  close(): void {
    if (this.#saving !== undefined) this.#write();
  }

  #save(): void {
    if (this.#file !== undefined) this.#saving ??= setImmediate(() => this.#write());
  }

  #write(): void {
    clearImmediate(this.#saving);
    this.#saving = undefined;
    if (this.#file === undefined) return;
    const saved: Saved = { secret: this.secret(), entries: [...this.#entries] };
    mkdirSync(dirname(this.#file), { recursive: true });
    // Written beside and renamed, so that a crash leaves the old file or the new one.
    writeFileSync(`${this.#file}.new`, JSON.stringify(saved), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

const read = (file: string): Saved => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Saved;
  } catch {
    // None yet, or damaged: a demo starts anew.
    return {};
  }
};

/** The provider's view of one kind of entry, as its documentation describes an adapter. */
class StoreAdapter implements Adapter {
  readonly #store: ProviderStore;
  readonly #kind: string;

  constructor(store: ProviderStore, kind: string) {
    this.#store = store;
    this.#kind = kind;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const expiresAt = Date.now() + (expiresIn ?? 31_536_000) * 1000;
    this.#store.set(`${this.#kind}:${id}`, { payload, expiresAt });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#store.get(`${this.#kind}:${id}`)?.payload;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#store.find(this.#kind, (payload) => payload.uid === uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#store.find(this.#kind, (payload) => payload.userCode === userCode);
  }

  async consume(id: string): Promise<void> {
    const entry = this.#store.get(`${this.#kind}:${id}`);
    if (!entry) return;
    entry.payload.consumed = Math.floor(Date.now() / 1000);
    this.#store.set(`${this.#kind}:${id}`, entry);
  }

  async destroy(id: string): Promise<void> {
    this.#store.delete((key) => key === `${this.#kind}:${id}`);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    this.#store.delete((_key, { payload }) => payload.grantId === grantId);
  }
}
