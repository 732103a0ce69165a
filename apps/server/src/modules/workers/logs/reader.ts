import type { LogLine, LogPage } from '@polyrelay/contract';
import type { LogPart } from './parts.js';

export type LogFilter = (line: LogLine) => boolean;

/** Which lines of a log: before or after one, around a time, or (none of them) the newest. */
export interface PageQuery {
  before?: number | undefined;
  after?: number | undefined;
  at?: string | undefined;
  limit: number;
}

interface Place {
  part: number;
  offset: number;
}

/** Reads a log in pieces, as it was when it was opened. */
export class LogReader {
  /** The oldest first. */
  readonly #parts: readonly LogPart[];

  constructor(parts: readonly LogPart[]) {
    this.#parts = parts;
  }

  async page({ before, after, at, limit }: PageQuery, matches: LogFilter): Promise<LogPage> {
    if (after !== undefined) {
      const newer = await this.#newer(await this.#seek(({ n }) => n > after), limit, matches);
      return { lines: newer.lines, hasOlder: true, hasNewer: newer.isMore, found: null };
    }
    if (at !== undefined) {
      const time = new Date(at).toISOString();
      const place = await this.#seek((line) => line.at >= time);
      const newer = await this.#newer(place, Math.ceil(limit / 2), matches);
      const older = await this.#older(place, limit - newer.lines.length, matches);
      return {
        lines: [...older.lines, ...newer.lines],
        hasOlder: older.isMore,
        hasNewer: newer.isMore,
        found: newer.lines[0]?.n ?? null,
      };
    }
    const place = before === undefined ? this.#end() : await this.#seek(({ n }) => n >= before);
    const older = await this.#older(place, limit, matches);
    return { lines: older.lines, hasOlder: older.isMore, hasNewer: before !== undefined, found: null };
  }

  /** All lines from the first one on, or from the one behind `after`. */
  async *all(matches: LogFilter, after = 0): AsyncIterable<LogLine[]> {
    const from = after === 0 ? { part: 0, offset: 0 } : await this.#seek(({ n }) => n > after);
    for await (const block of this.#forward(from)) yield block.filter(matches);
  }

  async #newer(
    from: Place,
    limit: number,
    matches: LogFilter,
  ): Promise<{ lines: LogLine[]; isMore: boolean }> {
    const lines: LogLine[] = [];
    for await (const block of this.#forward(from)) {
      for (const line of block) if (matches(line)) lines.push(line);
      if (lines.length > limit) return { lines: lines.slice(0, limit), isMore: true };
    }
    return { lines, isMore: false };
  }

  async #older(to: Place, limit: number, matches: LogFilter): Promise<{ lines: LogLine[]; isMore: boolean }> {
    const blocks: LogLine[][] = [];
    let count = 0;
    for await (const block of this.#backward(to)) {
      const found = block.filter(matches);
      count += found.length;
      blocks.push(found);
      if (count > limit) return { lines: blocks.reverse().flat().slice(-limit), isMore: true };
    }
    return { lines: blocks.reverse().flat(), isMore: false };
  }

  #end(): Place {
    const part = Math.max(0, this.#parts.length - 1);
    return { part, offset: this.#parts[part]?.end ?? 0 };
  }

  /** From the newest part on: what is looked for is seldom old. */
  async #seek(isLater: (line: LogLine) => boolean): Promise<Place> {
    let place = this.#end();
    for (let index = this.#parts.length - 1; index >= 0; index--) {
      const part = this.#parts[index] as LogPart;
      const offset = await part.seek(isLater);
      if (offset < part.end) place = { part: index, offset };
      if (offset > 0) break;
    }
    return place;
  }

  async *#forward({ part, offset }: Place): AsyncIterable<LogLine[]> {
    for (let index = part; index < this.#parts.length; index++)
      yield* this.#parts[index]?.forward(index === part ? offset : 0) ?? [];
  }

  async *#backward({ part, offset }: Place): AsyncIterable<LogLine[]> {
    for (let index = part; index >= 0; index--) {
      const stretch = this.#parts[index];
      if (stretch !== undefined) yield* stretch.backward(index === part ? offset : stretch.end);
    }
  }
}
