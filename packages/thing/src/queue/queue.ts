import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  finishedFiles,
  readIfThere,
  reasonOf,
  removeIfThere,
  removeUnfinished,
  writeWhole,
} from '@polyrelay/essentials';
import { ThingError } from '../errors.js';
import { formatBatch, parseBatch, type QueuedMessage } from './batch.js';

const BATCH = '.ndjson';
const PROGRESS = '.sent';

/** What a file takes at least on disk. */
const BLOCK = 4096;

/** Greatest number of messages in one file. */
const MAX_BATCH = 500;

export interface Batch {
  /** Those that were not sent yet. */
  messages: QueuedMessage[];
  garbled: string[];
  /** How many of the file were sent before. */
  sent: number;
}

interface Waiting {
  message: QueuedMessage;
  resolve: (name: string) => void;
  reject: (reason: unknown) => void;
}

/**
 * Messages on disk that wait to be collected: a file for those that came while the one before was written, its name
 * saying the order. Files are written whole and never changed, so that several processes can add to one folder.
 */
export class Queue {
  readonly #folder: string;
  readonly #maxBytes: number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #last = 0;
  #bytes = 0;

  private constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  static async open(folder: string, maxBytes: number): Promise<Queue> {
    const queue = new Queue(folder, maxBytes);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await removeUnfinished(folder);
    const names = await queue.list();
    // After those that are there, also when the clock was set back.
    queue.#last = Number(names.at(-1)?.split('-')[0] ?? 0);
    await queue.#measure(names);
    return queue;
  }

  /**
   * Adds a message. Resolves with its file’s name when it is safe on disk.
   * @throws ThingError `QUEUE_FULL`, `DISK`
   */
  add(message: QueuedMessage): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Names of the files, oldest first. */
  list(): Promise<string[]> {
    return finishedFiles(this.#folder, BATCH);
  }

  /** @returns undefined when another process has sent it meanwhile */
  async read(name: string): Promise<Batch | undefined> {
    const text = await readIfThere(this.#path(name));
    if (text === undefined) return undefined;
    const { messages, garbled } = parseBatch(text);
    const sent = Number((await readIfThere(this.#path(name) + PROGRESS)) ?? 0) || 0;
    return { messages: messages.slice(sent), garbled, sent };
  }

  /** Remembers how many of a file were sent. A power failure may forget it; the ids then keep them single. */
  async progress(name: string, sent: number): Promise<void> {
    await writeFile(this.#path(name) + PROGRESS, String(sent), { mode: 0o600 });
  }

  async drop(name: string): Promise<void> {
    await removeIfThere(this.#path(name));
    await removeIfThere(this.#path(name) + PROGRESS);
  }

  /** How much waits. */
  async size(): Promise<{ messages: number; bytes: number }> {
    const names = await this.list();
    let messages = 0;
    for (const name of names) messages += (await this.read(name))?.messages.length ?? 0;
    return { messages, bytes: await this.#measure(names) };
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      try {
        const name = await this.#write(batch.map(({ message }) => message));
        for (const { resolve } of batch) resolve(name);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = undefined;
  }

  async #write(messages: QueuedMessage[]): Promise<string> {
    const text = formatBatch(messages);
    const bytes = onDisk(Buffer.byteLength(text));
    if (
      this.#bytes + bytes > this.#maxBytes &&
      (await this.#measure(await this.list())) + bytes > this.#maxBytes
    )
      throw new ThingError(
        'QUEUE_FULL',
        `${this.#folder} is full: ${Math.round(this.#bytes / 1024)} KiB of messages wait for the service, at most ${Math.round(this.#maxBytes / 1024)} KiB may. The message was not kept. “thing.mjs status” says why they wait.`,
      );
    this.#last = Math.max(this.#last + 1, Date.now() * 1000);
    const name = `${String(this.#last).padStart(17, '0')}-${messages[0]?.id}${BATCH}`;
    try {
      await writeWhole(this.#path(name), text);
    } catch (cause) {
      throw new ThingError('DISK', `The message could not be kept in ${this.#folder}: ${reasonOf(cause)}`, {
        cause,
      });
    }
    this.#bytes += bytes;
    return name;
  }

  async #measure(names: string[]): Promise<number> {
    let bytes = 0;
    for (const name of names)
      bytes += onDisk((await stat(this.#path(name)).catch(() => undefined))?.size ?? 0);
    this.#bytes = bytes;
    return bytes;
  }
}

const onDisk = (bytes: number): number => Math.ceil(bytes / BLOCK) * BLOCK;
