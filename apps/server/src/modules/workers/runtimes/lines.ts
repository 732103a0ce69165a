import type { Readable } from 'node:stream';
import { turns } from './turns.js';

/** A longer line is cut after so many characters. */
export const MAX_LINE = 16_384;

/** Of one line so many bytes are held while it is read; the rest is only counted. */
const MAX_HELD = 4 * MAX_LINE;

/** So much is taken in at once; then others have their turn. */
const SLICE = 8192;

const LF = 0x0a;
const CR = 0x0d;

/** Colours, cursor movements and window titles of terminals. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const TERMINAL = /\x1b(?:\[[0-9:;<=>?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/g;

/** What has no place in a line of text; tabs have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/g;

/** The line without terminal codes and control characters. */
export const plainText = (line: string): string =>
  line.search(CONTROL) === -1 ? line : line.replace(TERMINAL, '').replace(CONTROL, '');

/** Cuts a line that is too long. @param size of the whole, in words */
export const cutLine = (line: string, size = `${line.length} characters`): string =>
  `${line.slice(0, MAX_LINE)} … (${size})`;

/**
 * Cuts bytes into lines of text, the same ones however the bytes come in pieces. What is not UTF-8 becomes U+FFFD. A
 * line that is written over (`\r`, as progress bars do) counts as it last was; terminal codes are taken out; a line
 * that is too long is cut. Never holds more than 64 KiB.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  /** The line so far: what fits of it, and how long it is in all. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #bytes = 0;
  /** The last byte was `\r`: the line ends here, or is written over. */
  #returned = false;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const first = chunk.indexOf(LF);
    if (first === -1) {
      this.#hold(chunk);
      return;
    }
    this.#hold(chunk.subarray(0, first));
    this.#end();
    const last = chunk.lastIndexOf(LF);
    if (last > first) this.#whole(chunk.subarray(first + 1, last));
    this.#hold(chunk.subarray(last + 1));
  }

  /** The output has ended: what is left is a line, too. */
  end(): void {
    if (this.#bytes > 0) this.#end();
  }

  /** Whole lines, without the last newline: read as text in one piece, which is what makes many lines quick. */
  #whole(lines: Buffer): void {
    if (lines.length > MAX_HELD || lines.includes(CR)) {
      for (let at = 0; at <= lines.length; ) {
        const end = lines.indexOf(LF, at);
        this.#hold(lines.subarray(at, end === -1 ? lines.length : end));
        this.#end();
        if (end === -1) return;
        at = end + 1;
      }
    }
    for (const line of lines.toString('utf8').split('\n')) this.#emit(line, line.length > MAX_LINE);
  }

  #hold(piece: Buffer): void {
    for (let from = 0; from < piece.length; ) {
      const at = piece.indexOf(CR, from);
      const bytes = piece.subarray(from, at === -1 ? piece.length : at);
      if (bytes.length > 0) {
        // Something follows the `\r`: the line is written over.
        if (this.#returned) this.#forget();
        this.#append(bytes);
      }
      if (at === -1) break;
      this.#returned = true;
      from = at + 1;
    }
  }

  #append(bytes: Buffer): void {
    this.#bytes += bytes.length;
    const fits = bytes.subarray(0, MAX_HELD - this.#heldBytes);
    if (fits.length === 0) return;
    // Copied: a piece of it must not keep the whole chunk in memory.
    this.#held.push(Buffer.from(fits));
    this.#heldBytes += fits.length;
    if (this.#held.length > 64) this.#held = [Buffer.concat(this.#held)];
  }

  #forget(): void {
    this.#held = [];
    this.#heldBytes = 0;
    this.#bytes = 0;
    this.#returned = false;
  }

  #end(): void {
    const bytes = this.#bytes;
    const line = Buffer.concat(this.#held).toString('utf8');
    this.#forget();
    if (bytes > MAX_HELD) this.#onLine(plainText(cutLine(line, `${bytes} bytes`)));
    else this.#emit(line, line.length > MAX_LINE);
  }

  #emit(line: string, isLong: boolean): void {
    this.#onLine(plainText(isLong ? cutLine(line) : line));
  }
}

/**
 * Reads the output of a program line by line. Programs share a part of the service's time: one that writes more than
 * is read waits, as it would for a slow terminal.
 */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  const lines = new LineSplitter(onLine);
  let left: Buffer | undefined;
  const takeSlice = (): void => {
    if (left === undefined) return;
    const slice = left.subarray(0, SLICE);
    left = left.length > SLICE ? left.subarray(SLICE) : undefined;
    lines.push(slice);
    if (left === undefined) stream.resume();
    else turns.wait(takeSlice);
  };
  stream.on('data', (chunk: Buffer) => {
    if (left !== undefined) left = Buffer.concat([left, chunk]);
    else if (chunk.length <= SLICE && turns.isFree()) turns.take(() => lines.push(chunk));
    else {
      left = chunk;
      stream.pause();
      turns.wait(takeSlice);
    }
  });
  const finish = (): void => {
    if (left !== undefined) lines.push(left);
    left = undefined;
    lines.end();
  };
  stream.once('end', finish).once('close', finish);
}
