import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { syncFolder } from '@polyrelay/essentials';
import { z } from 'zod';
import { Handler } from '../handler.js';
import { type ChannelMessage, jsonOf } from '../message.js';
import { finishRotation, removeOldest, rotate } from './rotation.js';

const Options = z.strictObject({
  path: z.string().min(1).describe('the file, such as messages.ndjson'),
  maxBytes: z.number().int().min(1).optional().describe('a new file is begun beyond this size'),
  maxAge: z.number().min(1).optional().describe('a new file is begun after so many seconds'),
  keep: z.number().int().min(1).optional().describe('older files that are kept (default: all)'),
  gzip: z.boolean().default(false).describe('compress older files'),
});

/** Appends each message as a line of JSON. A batch is on disk when it has succeeded. */
export class FileHandler extends Handler<z.output<typeof Options>> {
  static readonly options = Options;
  static readonly summary = 'appends each message as a line of JSON to a file, which rotates by size or age';
  readonly #path = resolve(this.options.path);
  #file: FileHandle | undefined;
  #size = 0;
  #since = 0;

  override async start(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    await finishRotation(this.#path, this.options);
    await this.#open();
  }

  async handle(messages: readonly ChannelMessage[]): Promise<void> {
    // Before, not after: when it fails nothing of the batch is written yet.
    if (this.#isFull()) await this.#rotate();
    const file = this.#file ?? (await this.#open());
    const bytes = Buffer.from(messages.map((message) => `${jsonOf(message)}\n`).join(''));
    try {
      await file.appendFile(bytes);
      await file.datasync();
      this.#size += bytes.length;
    } catch (error) {
      // A full disk: what was written of the batch goes, as all of it comes again.
      await file.truncate(this.#size).catch(() => {});
      throw error;
    }
  }

  override async stop(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #isFull(): boolean {
    const { maxBytes = Number.POSITIVE_INFINITY, maxAge = Number.POSITIVE_INFINITY } = this.options;
    return this.#size > 0 && (this.#size >= maxBytes || Date.now() - this.#since >= maxAge * 1000);
  }

  async #rotate(): Promise<void> {
    await this.stop();
    await rotate(this.#path, this.options);
    await removeOldest(this.#path, this.options.keep);
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.#path, 'a+', 0o640);
    try {
      const { size, birthtimeMs } = await file.stat();
      this.#size = await endOfLastLine(file, size);
      if (this.#size < size) await file.truncate(this.#size);
      this.#since = this.#size === 0 ? Date.now() : birthtimeMs;
      await syncFolder(dirname(this.#path));
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#file = file;
    return file;
  }
}

/** Where the last whole line ends: a process that was killed may have left a part of one. */
async function endOfLastLine(file: FileHandle, size: number): Promise<number> {
  const chunk = Buffer.alloc(64 * 1024);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - chunk.length);
    const { bytesRead } = await file.read(chunk, 0, end - start, start);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(0x0a);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}
