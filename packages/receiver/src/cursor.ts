import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Lock, readIfThere, reasonOf, removeUnfinished, writeWhole } from '@polyrelay/essentials';
import { z } from 'zod';
import { ReceiverError } from './errors.js';

const Saved = z.object({
  server: z.string(),
  channel: z.number().int(),
  currKey: z.number().int().min(0),
  savedAt: z.string(),
});

export interface CursorOptions {
  file: string;
  server: string;
  channel: number;
  /** Where to begin when nothing is saved. */
  startKey: number;
  /** Where to begin whatever is saved. */
  rewind?: number | undefined;
}

/**
 * The next key of one channel of one service, on disk. Held by one process at a time. What is saved was handled by all
 * handlers.
 */
export class Cursor {
  readonly file: string;
  readonly #server: string;
  readonly #channel: number;
  readonly #lock: Lock;
  #key: number;

  private constructor({ file, server, channel }: CursorOptions, lock: Lock, key: number) {
    this.file = file;
    this.#server = server;
    this.#channel = channel;
    this.#lock = lock;
    this.#key = key;
  }

  /** @throws ReceiverError `STATE` */
  static async open(options: CursorOptions): Promise<Cursor> {
    const file = resolve(options.file);
    const lock = new Lock(`${file}.lock`);
    try {
      await mkdir(dirname(file), { recursive: true });
      if (!(await lock.take()))
        throw new ReceiverError(
          'STATE',
          `${file} is in use by process ${await lock.holder()}: two receivers cannot share it. Give this one another with --state`,
        );
      await removeUnfinished(dirname(file));
      const key = options.rewind ?? (await savedKey({ ...options, file })) ?? options.startKey;
      const cursor = new Cursor({ ...options, file }, lock, key);
      // Now, not after the first batch: whether the file can be written shows before anything is handled.
      await cursor.save(key);
      return cursor;
    } catch (error) {
      await lock.release().catch(() => {});
      if (error instanceof ReceiverError) throw error;
      throw new ReceiverError('STATE', `${file} cannot be used: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Messages with a smaller key are handled. */
  get key(): number {
    return this.#key;
  }

  /** On disk when it resolves. @throws ReceiverError `STATE` */
  async save(key: number): Promise<void> {
    const saved = { server: this.#server, channel: this.#channel, currKey: key, savedAt: new Date() };
    try {
      await writeWhole(this.file, `${JSON.stringify(saved)}\n`);
    } catch (error) {
      throw new ReceiverError('STATE', `${this.file} cannot be written: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    this.#key = key;
  }

  close(): Promise<void> {
    return this.#lock.release();
  }
}

async function savedKey({ file, server, channel }: CursorOptions): Promise<number | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const advice = 'Give another file with --state, or say with --rewind <key> where to begin';
  const parsed = Saved.safeParse(jsonIn(text));
  if (!parsed.success)
    throw new ReceiverError('STATE', `${file} is not a state file of a receiver. ${advice}`);
  const saved = parsed.data;
  if (saved.server !== server || saved.channel !== channel)
    throw new ReceiverError(
      'STATE',
      `${file} is of channel ${saved.channel} at ${saved.server} (key ${saved.currKey}), not of channel ${channel} at ${server}. ${advice}`,
    );
  return saved.currKey;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
