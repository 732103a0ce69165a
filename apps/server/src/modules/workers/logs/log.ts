import type { LogLevel, LogLine, LogPage, LogStatus } from '@polyrelay/contract';
import { cutLine, MAX_LINE, plainText } from '../runtimes/lines.js';
import { FloodGuard, type FloodReport } from './flood.js';
import { Levels, RANK } from './levels.js';
import { maskerOf } from './mask.js';
import { MemoryPart } from './parts.js';
import { type LogFilter, LogReader, type PageQuery } from './reader.js';
import { Segments } from './segments.js';

/** New lines are written and handed to followers together, this often. */
const BATCH_MS = 50;

/** Lines that a full disk did not take are kept in memory, so many of them. */
const MOST_UNWRITTEN = 1000;

/** So many may wait for a log to be opened; what comes then is not kept. */
const MOST_EARLY = 20_000;

/** So much of all logs together, in characters, may wait for a slow disk; what comes then is not kept. */
const MOST_WAITING = 32 * 1024 * 1024;

/** What a line takes beside its text. */
const LINE_COST = 100;

let waitingInAll = 0;

/** A line that was cut says so at its end, in less than this. */
const CUT_NOTE = 40;

type Stream = LogLine['stream'];

/** How a log is kept. */
export interface LogSettings {
  /** Lines of the worker below it are not. */
  level: LogLevel;
  /** Values that are taken out of every line. */
  secrets: string[];
}

const KEEP_ALL: LogSettings = { level: 'debug', secrets: [] };

/** Hears of what happens to a log from now on. */
export interface LogFollower {
  /** New lines; `json` is the same, each as JSON text. */
  lines?(lines: readonly LogLine[], json: readonly string[]): void;
  /** Lines up to this number were removed. */
  cleared?(last: number): void;
  status?(status: LogStatus): void;
}

interface Early {
  stream: Stream;
  text: string;
  level: LogLevel | undefined;
  at: Date;
}

/**
 * The log of one node server: what its worker prints and sends, and what the service says about it. It is in files of
 * bounded size, nothing of it in memory; lines are written in batches, in the background. Until the first line comes
 * or is read it costs nothing.
 */
export class WorkerLog {
  readonly #segments: Segments;
  readonly #settings: () => Promise<LogSettings>;
  readonly #followers = new Set<LogFollower>();
  readonly #levels = new Levels();
  readonly #flood = new FloodGuard((report) => this.#floodSecond(report));
  #opening: Promise<void> | undefined;
  #isOpen = false;
  #isClosed = false;
  /** Came before it was open: until then neither its numbers nor its secrets are known. */
  #early: Early[] = [];
  #fresh: LogLine[] = [];
  /** The same as JSON: made line by line, so that a batch of them is no long work. */
  #freshJson: string[] = [];
  #freshSize = 0;
  #waiting = 0;
  /** What the disk did not take. */
  #unwritten: LogLine[] = [];
  /** Work on the files is done one after the other. */
  #disk: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #least = RANK.debug;
  #mask = maskerOf([]);
  #now = 0;
  #nowText = '';
  #status: LogStatus = { flood: null };

  /**
   * @param path of the file that is written to; an earlier run's lines are in it and beside it
   * @param settings asked when the log is opened, and again by `reload`
   */
  constructor(path: string, settings: () => Promise<LogSettings> = () => Promise.resolve(KEEP_ALL)) {
    this.#segments = new Segments(path);
    this.#settings = settings;
  }

  get status(): LogStatus {
    return this.#status;
  }

  /**
   * Adds a line.
   * @param level where the line does not say it itself
   * @param at when it was said, where that is not now
   */
  add(stream: Stream, text: string, level?: LogLevel, at?: Date): void {
    if (this.#isClosed) return;
    if (this.#isOpen) this.#take(stream, text, level, at);
    else if (this.#early.length < MOST_EARLY) {
      this.#early.push({ stream, text, level, at: at ?? new Date() });
      void this.#open();
    }
  }

  /** A text as it would stand here. */
  masked(text: string): string {
    return this.#mask(text);
  }

  async page(query: PageQuery, matches: LogFilter): Promise<LogPage> {
    return this.#read((reader) => reader.page(query, matches));
  }

  /** The newest lines, oldest first. */
  async newest(limit: number, matches: LogFilter): Promise<LogLine[]> {
    return (await this.page({ limit }, matches)).lines;
  }

  /** All lines, or those behind one, in blocks. */
  async *all(matches: LogFilter, after = 0): AsyncGenerator<LogLine[]> {
    const { reader, close } = await this.#reader();
    try {
      yield* reader.all(matches, after);
    } finally {
      await close();
    }
  }

  /** Hears of every new line. @returns a function that ends it */
  follow(follower: LogFollower): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Removes all lines; numbers go on. */
  async clear(): Promise<void> {
    await this.#open();
    await this.flush();
    await this.#onDisk(() => {
      this.#unwritten = [];
      const last = this.#count - this.#fresh.length - this.#waiting;
      for (const follower of this.#followers) follower.cleared?.(last);
      return this.#segments.clear(last);
    });
  }

  /** The level or the secrets have changed: asks for them, where they are in use. */
  async reload(): Promise<void> {
    if (this.#opening === undefined) return;
    await this.#opening;
    await this.#apply();
  }

  /** Waits until everything is in the file. */
  async flush(): Promise<void> {
    await this.#opening;
    this.#hand();
    await this.#disk;
  }

  /** Keeps nothing from now on: its files are about to be removed. */
  async close(): Promise<void> {
    await this.flush();
    this.#isClosed = true;
    this.#flood.close();
  }

  #open(): Promise<void> {
    this.#opening ??= this.#openNow();
    return this.#opening;
  }

  async #openNow(): Promise<void> {
    this.#count = await this.#segments.open().catch(() => 0);
    await this.#apply();
    this.#isOpen = true;
    for (const { stream, text, level, at } of this.#early) this.#take(stream, text, level, at);
    this.#early = [];
  }

  async #apply(): Promise<void> {
    // The database may be away: then it stays as it is.
    const settings = await this.#settings().catch(() => undefined);
    if (settings === undefined) return;
    this.#least = RANK[settings.level];
    this.#mask = maskerOf(settings.secrets);
  }

  #take(stream: Stream, text: string, given: LogLevel | undefined, at: Date | undefined): void {
    if (this.#isClosed) return;
    const now = Date.now();
    const level = given ?? this.#levels.of(stream, text);
    if (stream !== 'service') {
      if (RANK[level] < this.#least) return;
      if (!this.#flood.admits(text.length, now, waitingInAll > MOST_WAITING)) return;
    }
    const line: LogLine = {
      n: ++this.#count,
      at: at === undefined ? this.#timeText(now) : at.toISOString(),
      stream,
      level,
      text: this.#mask(tidy(stream, text)),
    };
    const json = jsonOf(line);
    this.#fresh.push(line);
    this.#freshJson.push(json);
    this.#freshSize += json.length + LINE_COST;
    this.#timer ??= setTimeout(this.#hand, BATCH_MS);
  }

  /** Many lines have the same time. */
  #timeText(now: number): string {
    if (now !== this.#now) {
      this.#now = now;
      this.#nowText = new Date(now).toISOString();
    }
    return this.#nowText;
  }

  /** Hands new lines to the followers and to the disk. */
  readonly #hand = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#fresh;
    if (lines.length === 0) return;
    this.#fresh = [];
    this.#waiting += lines.length;
    const json = this.#freshJson;
    const size = this.#freshSize;
    this.#freshJson = [];
    this.#freshSize = 0;
    waitingInAll += size;
    for (const follower of this.#followers) follower.lines?.(lines, json);
    void this.#onDisk(() => this.#write(lines, json)).then(() => {
      waitingInAll -= size;
    });
  };

  async #write(lines: LogLine[], json: string[]): Promise<void> {
    const text = `${[...this.#unwritten.map(jsonOf), ...json].join('\n')}\n`;
    try {
      await this.#segments.append(text);
      this.#unwritten = [];
    } catch {
      // A full disk must not stop a worker.
      this.#unwritten = [...this.#unwritten, ...lines].slice(-MOST_UNWRITTEN);
    }
    this.#waiting -= lines.length;
  }

  #onDisk<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#disk.then(work);
    this.#disk = done.catch(() => undefined);
    return done;
  }

  async #read<T>(work: (reader: LogReader) => Promise<T>): Promise<T> {
    const { reader, close } = await this.#reader();
    try {
      return await work(reader);
    } finally {
      await close();
    }
  }

  async #reader(): Promise<{ reader: LogReader; close(): Promise<void> }> {
    await this.#open();
    this.#hand();
    return this.#onDisk(async () => {
      const { parts, close } = await this.#segments.read();
      return { reader: new LogReader([...parts, new MemoryPart(this.#unwritten)]), close };
    });
  }

  #floodSecond({ lines, dropped }: FloodReport): void {
    this.#status = { flood: dropped > 0 ? { linesPerSecond: lines, dropped } : null };
    if (dropped > 0)
      this.add(
        'service',
        `It writes too much: ${count(lines)} lines/s. ${count(dropped)} lines dropped in this second.`,
        'warning',
      );
    else this.add('service', 'It writes less again: every line is kept.', 'info');
    for (const follower of this.#followers) follower.status?.(this.#status);
  }
}

const count = (n: number): string => n.toLocaleString('en');

/** What programs print was tidied when it was read. */
function tidy(stream: Stream, text: string): string {
  if (stream === 'stdout' || stream === 'stderr') return text;
  const whole = text.includes('\x1b') ? plainLines(text) : text;
  return whole.length > MAX_LINE + CUT_NOTE ? cutLine(whole) : whole;
}

/** What is sent over MQTT may have several lines. */
const plainLines = (text: string): string => text.split('\n').map(plainText).join('\n');

/** By hand, because a flood makes many of them. */
const jsonOf = ({ n, at, stream, level, text }: LogLine): string =>
  `{"n":${n},"at":"${at}","stream":"${stream}","level":"${level}","text":${JSON.stringify(text)}}`;
