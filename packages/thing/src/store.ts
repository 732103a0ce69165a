import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  appendLine,
  finishedFiles,
  readIfThere,
  removeIfThere,
  removeUnfinished,
  writeWhole,
} from '@polyrelay/essentials';
import { asId } from './ids.js';

/** A message to this thing. */
export interface ReceivedMessage {
  /** The same when the service sends it again. */
  id: string;
  /** When it was sent to the thing, and when it came; ISO 8601. */
  at: string;
  receivedAt: string;
  payload: unknown;
}

const SUFFIX = '.json';

/** Ids remembered after their messages are gone. */
const REMEMBERED = 10_000;

/** Received messages on disk, a file each, in the order they came; and the ids of those that were removed. */
export class MessageStore {
  readonly #folder: string;
  readonly #seenFile: string;
  readonly #failedFile: string;
  readonly #expireMs: number;
  #seen = new Set<string>();
  #last = 0;

  private constructor(data: string, expireSeconds: number) {
    this.#folder = join(data, 'messages');
    this.#seenFile = join(data, 'seen.txt');
    this.#failedFile = join(data, 'failed.ndjson');
    this.#expireMs = expireSeconds * 1000;
  }

  /** @param expireSeconds 0 or less: never */
  static async open(data: string, expireSeconds: number): Promise<MessageStore> {
    const store = new MessageStore(data, expireSeconds);
    await mkdir(store.#folder, { recursive: true, mode: 0o700 });
    await removeUnfinished(store.#folder);
    const names = await store.#names();
    store.#last = receivedAt(names.at(-1) ?? '');
    store.#seen = new Set(((await readIfThere(store.#seenFile)) ?? '').split('\n').filter(Boolean));
    for (const name of names) store.#seen.add(idIn(name));
    return store;
  }

  /** Keeps the list of ids short. Only for the one process that receives. */
  async forgetOldIds(): Promise<void> {
    if (this.#seen.size <= 2 * REMEMBERED) return;
    this.#seen = new Set([...this.#seen].slice(-REMEMBERED));
    await writeWhole(this.#seenFile, `${[...this.#seen].join('\n')}\n`);
  }

  /** Stores a message. Resolves when it is on disk. @returns undefined for one that came before */
  async put(message: { id: string; at: string; payload: unknown }): Promise<ReceivedMessage | undefined> {
    const id = asId(message.id);
    if (this.#seen.has(id)) return undefined;
    this.#last = Math.max(this.#last + 1, Date.now());
    const received: ReceivedMessage = { ...message, id, receivedAt: new Date(this.#last).toISOString() };
    await writeWhole(
      join(this.#folder, `${String(this.#last).padStart(14, '0')}_${id}${SUFFIX}`),
      JSON.stringify(received),
    );
    await appendLine(this.#seenFile, id);
    this.#seen.add(id);
    return received;
  }

  /** Oldest first. Files that cannot be read are left out. */
  async list(): Promise<ReceivedMessage[]> {
    const messages: ReceivedMessage[] = [];
    for (const name of await this.#names()) {
      const message = parse(await readIfThere(join(this.#folder, name)));
      if (message !== undefined) messages.push(message);
    }
    return messages;
  }

  async count(): Promise<number> {
    return (await this.#names()).length;
  }

  /** @returns whether it was there */
  async remove(id: string): Promise<boolean> {
    const name = (await this.#names()).find((each) => idIn(each) === asId(id));
    return name !== undefined && (await removeIfThere(join(this.#folder, name)));
  }

  /** Takes a message that its handler refuses out of the way, into `failed.ndjson`. */
  async setAside(message: ReceivedMessage, reason: string): Promise<void> {
    await appendLine(
      this.#failedFile,
      JSON.stringify({ ...message, reason, failedAt: new Date().toISOString() }),
    );
    await this.remove(message.id);
  }

  /** Removes what is older than it may get. @returns how many */
  async expire(now = Date.now()): Promise<number> {
    if (this.#expireMs <= 0) return 0;
    let count = 0;
    for (const name of await this.#names())
      if (receivedAt(name) + this.#expireMs <= now && (await removeIfThere(join(this.#folder, name))))
        count += 1;
    return count;
  }

  get folder(): string {
    return this.#folder;
  }

  get failedFile(): string {
    return this.#failedFile;
  }

  #names(): Promise<string[]> {
    return finishedFiles(this.#folder, SUFFIX);
  }
}

const receivedAt = (name: string): number => Number(name.split('_')[0]) || 0;
const idIn = (name: string): string => (name.split('_')[1] ?? '').slice(0, -SUFFIX.length);

function parse(text: string | undefined): ReceivedMessage | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as ReceivedMessage);
  } catch {
    return undefined;
  }
}
