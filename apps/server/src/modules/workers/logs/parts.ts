import type { FileHandle } from 'node:fs/promises';
import type { LogLine } from '@polyrelay/contract';

/** Read at once. */
const BLOCK = 64 * 1024;

/** A stretch of a log, read in pieces from a place on, in both directions. Places are numbers from 0 to `end`. */
export interface LogPart {
  readonly end: number;
  /** The place of the first line for which `isLater` holds; `end` without one. Lines before do not, lines behind do. */
  seek(isLater: (line: LogLine) => boolean): Promise<number>;
  forward(from: number): AsyncIterable<LogLine[]>;
  /** The last block first; each with the oldest line first. */
  backward(to: number): AsyncIterable<LogLine[]>;
}

/** Lines that could not be written. */
export class MemoryPart implements LogPart {
  readonly #lines: readonly LogLine[];

  constructor(lines: readonly LogLine[]) {
    this.#lines = lines;
  }

  get end(): number {
    return this.#lines.length;
  }

  seek(isLater: (line: LogLine) => boolean): Promise<number> {
    const index = this.#lines.findIndex(isLater);
    return Promise.resolve(index === -1 ? this.end : index);
  }

  async *forward(from: number): AsyncIterable<LogLine[]> {
    yield this.#lines.slice(from);
  }

  async *backward(to: number): AsyncIterable<LogLine[]> {
    yield this.#lines.slice(0, to);
  }
}

/** Lines of a file: one JSON object in each. It may grow meanwhile; what comes behind `end` is not read. */
export class FilePart implements LogPart {
  readonly #file: FileHandle;
  readonly end: number;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.end = size;
  }

  async seek(isLater: (line: LogLine) => boolean): Promise<number> {
    let low = 0;
    let high = this.end;
    let found = this.end;
    while (high - low > BLOCK) {
      const middle = Math.floor((low + high) / 2);
      const line = await this.#firstIn(await this.#lineStart(middle), high);
      if (line === undefined) high = middle;
      else if (isLater(line.line)) {
        found = line.at;
        high = middle;
      } else low = line.at + 1;
    }
    const from = await this.#lineStart(low);
    if (from >= found) return found;
    const block = await this.#read(from, found);
    for (let at = 0; at < block.length; ) {
      const end = block.indexOf(0x0a, at);
      const next = end === -1 ? block.length : end + 1;
      const [line] = parseLines(block.subarray(at, next));
      if (line !== undefined && isLater(line)) return from + at;
      at = next;
    }
    return found;
  }

  async *forward(from: number): AsyncIterable<LogLine[]> {
    let rest = Buffer.alloc(0);
    for (let at = from; at < this.end; ) {
      const block = await this.#read(at, Math.min(this.end, at + BLOCK));
      if (block.length === 0) return;
      at += block.length;
      const bytes = rest.length === 0 ? block : Buffer.concat([rest, block]);
      const cut = bytes.lastIndexOf(0x0a) + 1;
      yield parseLines(bytes.subarray(0, cut));
      rest = Buffer.from(bytes.subarray(cut));
    }
  }

  async *backward(to: number): AsyncIterable<LogLine[]> {
    let size = BLOCK;
    for (let end = to; end > 0; ) {
      const begin = Math.max(0, end - size);
      const block = await this.#read(begin, end);
      const from = begin === 0 ? 0 : block.indexOf(0x0a) + 1;
      // A line that is longer than what was read, or what is read begins with the end of one.
      if (begin > 0 && (from === 0 || from === block.length)) {
        size *= 2;
        continue;
      }
      size = BLOCK;
      yield parseLines(block.subarray(from));
      end = begin + from;
    }
  }

  /** Where the first line begins that does not begin before. */
  async #lineStart(at: number): Promise<number> {
    if (at === 0) return 0;
    for (let from = at - 1; from < this.end; ) {
      const block = await this.#read(from, Math.min(this.end, from + BLOCK));
      const newline = block.indexOf(0x0a);
      if (newline !== -1) return from + newline + 1;
      if (block.length === 0) break;
      from += block.length;
    }
    return this.end;
  }

  /** The first readable line that begins in a stretch; `at` begins a line. */
  async #firstIn(at: number, before: number): Promise<{ line: LogLine; at: number } | undefined> {
    for (let from = at; from < before; ) {
      const next = await this.#lineStart(from + 1);
      const [line] = parseLines(await this.#read(from, next));
      if (line !== undefined) return { line, at: from };
      from = next;
    }
    return undefined;
  }

  async #read(from: number, to: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(to - from);
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, from);
    return buffer.subarray(0, bytesRead);
  }
}

/** Lines of a file; what a killed run left of one is no line, nor is the mark of a log that was cleared. */
function parseLines(bytes: Buffer): LogLine[] {
  const lines: LogLine[] = [];
  for (const text of bytes.toString('utf8').split('\n')) {
    if (text === '') continue;
    try {
      const line = JSON.parse(text) as LogLine;
      if (typeof line.n === 'number' && typeof line.text === 'string') lines.push(line);
    } catch {
      // Half a line.
    }
  }
  return lines;
}
