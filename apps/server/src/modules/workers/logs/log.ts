import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogLevel, LogLine } from '@polyrelay/contract';
import { maskSecrets } from './mask.js';

/** Lines kept in memory for the dashboard. */
const KEPT_LINES = 5000;

/** The file is set aside at this size; the one set aside before is overwritten. */
const MAX_FILE_BYTES = 5 * 1024 * 1024;

/** A longer line is cut. */
const MAX_LINE = 16_384;

export type LogFollower = (line: LogLine) => void;

/**
 * The log of one node server: its output and what the service says about it. The newest lines are in memory, the
 * rest in a file of bounded size. Lines are written in batches, in the background.
 */
export class WorkerLog {
  readonly #path: string;
  readonly #lines: LogLine[] = [];
  readonly #followers = new Set<LogFollower>();
  readonly #loaded: Promise<void>;
  #unwritten: LogLine[] = [];
  #writing: Promise<void> | undefined;
  #bytes = 0;
  /** A killed run left half a line at the end of the file. */
  #cut = false;
  #count = 0;

  /** @param path of the file; an earlier run's lines are read from it */
  constructor(path: string) {
    this.#path = path;
    this.#loaded = this.#load();
  }

  /** @param at when it was said, where that is not now */
  add(
    stream: LogLine['stream'],
    text: string,
    level: LogLevel = levelOf(stream, text),
    at: Date = new Date(),
  ): void {
    const cut = text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)} … (${text.length} characters)` : text;
    const line: LogLine = {
      n: ++this.#count,
      at: at.toISOString(),
      stream,
      level,
      text: maskSecrets(cut),
    };
    this.#keep(line);
    for (const follower of this.#followers) follower(line);
    this.#unwritten.push(line);
    this.#writing ??= this.#write();
  }

  /** The newest lines, oldest first. */
  async newest(limit: number, matches: (line: LogLine) => boolean): Promise<LogLine[]> {
    await this.#loaded;
    return this.#lines.filter(matches).slice(-limit);
  }

  /** Hears of every new line. @returns a function that ends it */
  follow(follower: LogFollower): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Waits until everything is in the file. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #keep(line: LogLine): void {
    this.#lines.push(line);
    // In steps, because moving the whole array for each line is what makes a flood slow.
    if (this.#lines.length > KEPT_LINES * 1.2) this.#lines.splice(0, this.#lines.length - KEPT_LINES);
  }

  async #load(): Promise<void> {
    const earlier: LogLine[] = [];
    for (const path of [`${this.#path}.1`, this.#path]) {
      const text = await readFile(path, 'utf8').catch(() => '');
      if (path === this.#path) {
        this.#bytes = Buffer.byteLength(text);
        this.#cut = text !== '' && !text.endsWith('\n');
      }
      for (const line of text.split('\n')) {
        // The last line of a killed run may be cut.
        try {
          if (line !== '') earlier.push(JSON.parse(line) as LogLine);
        } catch {}
      }
    }
    const kept = earlier.slice(-KEPT_LINES);
    const offset = kept.at(-1)?.n ?? 0;
    this.#count += offset;
    for (const line of this.#lines) line.n += offset;
    this.#lines.unshift(...kept);
  }

  async #write(): Promise<void> {
    await this.#loaded;
    while (this.#unwritten.length > 0) {
      // Only now: until an earlier run's lines were read the numbers of these are not known.
      const text = this.#unwritten.map((line) => `${JSON.stringify(line)}\n`).join('');
      this.#unwritten = [];
      try {
        await mkdir(dirname(this.#path), { recursive: true });
        if (this.#bytes > MAX_FILE_BYTES) {
          await rename(this.#path, `${this.#path}.1`);
          this.#bytes = 0;
        }
        await appendFile(this.#path, this.#cut ? `\n${text}` : text, { mode: 0o600 });
        this.#cut = false;
        this.#bytes += Buffer.byteLength(text);
      } catch {
        // A full disk must not stop a worker; the lines are in memory.
        this.#bytes = (await stat(this.#path).catch(() => ({ size: 0 }))).size;
      }
    }
    this.#writing = undefined;
  }
}

const WORDS: [RegExp, LogLevel][] = [
  [
    /^(?:\S+ ){0,3}\[?(?:ERROR|CRITICAL|FATAL|error)\b|\[(?:ERROR|CRITICAL) *\]|^Traceback|^\w*Error:/,
    'error',
  ],
  [/^(?:\S+ ){0,3}\[?(?:WARNING|WARN|warn)\b|\[WARN(?:ING)? *\]/, 'warning'],
  [/^(?:\S+ ){0,3}\[?(?:DEBUG|debug)\b|\[DEBUG *\]/, 'debug'],
  [/^(?:\S+ ){0,3}\[?(?:INFO|info)\b|\[INFO *\]/, 'info'],
];

/** The level a line names itself, as the published modules write it; else by where it came from. */
function levelOf(stream: LogLine['stream'], text: string): LogLevel {
  const head = text.slice(0, 200);
  return WORDS.find(([pattern]) => pattern.test(head))?.[1] ?? (stream === 'stderr' ? 'error' : 'info');
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warning: 2, error: 3 };

/** Chooses lines of at least a level that hold a text. */
export function logFilter(level: LogLevel | undefined, text: string | undefined): (line: LogLine) => boolean {
  const wanted = text?.toLowerCase();
  const least = RANK[level ?? 'debug'];
  return (line) =>
    RANK[line.level] >= least && (wanted === undefined || line.text.toLowerCase().includes(wanted));
}
