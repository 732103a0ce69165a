import { appendFile, type FileHandle, mkdir, open, rename, rm, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FilePart } from './parts.js';

/** A log is at most so many files of this size: the oldest goes when a new one begins. */
const SEGMENTS = 4;
const SEGMENT_BYTES = 2.5 * 1024 * 1024;

/** Of a file so much is read at its end, to find the last number. */
const TAIL_BYTES = 256 * 1024;

/** The files of a log: `path` is written to, `path.1` to `path.3` are older. Its calls must not overlap. */
export class Segments {
  readonly #path: string;
  #bytes = 0;
  /** A killed run left half a line at the end. */
  #isCut = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Looks at what is there. @returns the number of the last line, 0 without one */
  async open(): Promise<number> {
    for (let age = 0; age < SEGMENTS; age++) {
      const tail = await readTail(this.#name(age));
      if (age === 0) {
        this.#bytes = tail.size;
        this.#isCut = tail.size > 0 && !tail.text.endsWith('\n');
      }
      const last = lastNumber(tail.text);
      if (last !== undefined) return last;
    }
    return 0;
  }

  /** Adds whole lines. @throws when the disk does not take them; then nothing of them is in the file */
  async append(text: string): Promise<void> {
    if (this.#bytes > SEGMENT_BYTES) await this.#rotate();
    const bytes = Buffer.from(this.#isCut ? `\n${text}` : text);
    const write = () => appendFile(this.#path, bytes, { mode: 0o600 });
    try {
      await write().catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        await mkdir(dirname(this.#path), { recursive: true });
        await write();
      });
    } catch (error) {
      // A full disk may have taken a part of it.
      await truncate(this.#path, this.#bytes).catch(() => undefined);
      this.#bytes = (await stat(this.#path).catch(() => ({ size: 0 }))).size;
      throw error;
    }
    this.#isCut = false;
    this.#bytes += bytes.length;
  }

  /** Removes everything; numbers go on behind `last`. */
  async clear(last: number): Promise<void> {
    for (let age = SEGMENTS - 1; age >= 0; age--) await rm(this.#name(age), { force: true });
    this.#bytes = 0;
    this.#isCut = false;
    await this.append(`{"n":${last}}\n`);
  }

  /** Opens what is there now for reading, the oldest first; a later `append` or `clear` does not disturb it. */
  async read(): Promise<{ parts: FilePart[]; close(): Promise<void> }> {
    const files: FileHandle[] = [];
    const parts: FilePart[] = [];
    for (let age = SEGMENTS - 1; age >= 0; age--) {
      const file = await open(this.#name(age)).catch(() => undefined);
      if (file === undefined) continue;
      files.push(file);
      parts.push(new FilePart(file, (await file.stat()).size));
    }
    return {
      parts,
      close: async () => {
        await Promise.all(files.map((file) => file.close()));
      },
    };
  }

  async #rotate(): Promise<void> {
    for (let age = SEGMENTS - 2; age >= 0; age--)
      await rename(this.#name(age), this.#name(age + 1)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    this.#bytes = 0;
  }

  #name(age: number): string {
    return age === 0 ? this.#path : `${this.#path}.${age}`;
  }
}

async function readTail(path: string): Promise<{ text: string; size: number }> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return { text: '', size: 0 };
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(buffer, 0, buffer.length, size - buffer.length);
    return { text: buffer.toString('utf8'), size };
  } finally {
    await file.close();
  }
}

/** The number of the last line that is whole. */
function lastNumber(text: string): number | undefined {
  for (let end = text.lastIndexOf('\n'); end > 0; ) {
    const begin = text.lastIndexOf('\n', end - 1);
    try {
      const { n } = JSON.parse(text.slice(begin + 1, end)) as { n?: unknown };
      if (typeof n === 'number') return n;
    } catch {
      // Half a line.
    }
    end = begin;
  }
  return undefined;
}
