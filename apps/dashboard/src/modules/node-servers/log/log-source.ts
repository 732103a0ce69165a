import type { LogLevel, LogLine, LogPage, LogStatus } from '@polyrelay/contract';
import { api, withQuery } from '../../../lib/api';
import { base } from '../queries';
import { MOST_FOLLOWED, MOST_KEPT, withNewer, withOlder, withoutUpTo } from './log-lines';

/** Lines asked for at first, and when the reader scrolls on. */
const FIRST = 1000;
const PAGE = 500;
const RETRY_MS = 3000;

/** Where many lines come they are shown together this often; what nobody reads is seldom brought up to date. */
const BUSY_MS = 100;
const BUSY_LINES = 10;
const HELD_MS = 250;
const HIDDEN_MS = 500;

export interface LogState {
  /** What to show: the newest lines, or those around a time. */
  lines: readonly LogLine[];
  /** Older lines may be fetched; newer ones too, when a time was jumped to. */
  hasOlder: boolean;
  hasNewer: boolean;
  /** A time was jumped to: new lines do not come in. */
  isPast: boolean;
  /** Arrived while paused, or while the reader looks at others. */
  held: number;
  /** `connecting` until what was there has come. */
  status: 'connecting' | 'open' | 'lost';
  flood: LogStatus['flood'];
  /** Lines that were too many for this browser to read in time. */
  skipped: number;
}

export interface LogFilter {
  level: LogLevel;
  text: string;
}

type Past = Pick<LogState, 'lines' | 'hasOlder' | 'hasNewer'>;

/**
 * A worker's log as it is written, and the parts of it that the reader goes to. The service filters. Lines are
 * collected for an animation frame and shown together.
 */
export class LogSource {
  readonly #path: string;
  readonly #filter: { level?: LogLevel; text?: string };
  readonly #listeners = new Set<() => void>();
  #live: readonly LogLine[] = [];
  #hasOlder = true;
  #past: Past | null = null;
  #fresh: LogLine[] = [];
  #isPaused = false;
  #isFollowing = true;
  #isScheduled = false;
  #shownAt = 0;
  /** More came while they were held back than are kept: what is shown does not reach to them. */
  #hasGap = false;
  #isLoading = false;
  #status: LogState['status'] = 'connecting';
  #flood: LogStatus['flood'] = null;
  #skipped = 0;
  #state: LogState = this.#makeState();

  constructor(id: string, { level, text }: LogFilter) {
    this.#path = `${base(id)}/log`;
    this.#filter = {
      ...(level === 'debug' ? {} : { level }),
      ...(text.trim() === '' ? {} : { text: text.trim() }),
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): LogState => this.#state;

  /** Connects. @returns a function that ends it */
  open(): () => void {
    let source: EventSource;
    let retry: ReturnType<typeof setTimeout>;
    const connect = () => {
      source = new EventSource(withQuery(this.#path, { follow: true, lines: FIRST, ...this.#filter }));
      source.onopen = () => this.#setStatus(this.#status === 'lost' ? 'open' : this.#status);
      source.onerror = () => {
        this.#setStatus('lost');
        // Else the browser comes back by itself, and goes on behind the last line.
        if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS);
      };
      const on = (name: string, handle: (data: unknown) => void) =>
        source.addEventListener(name, (event) => handle(JSON.parse((event as MessageEvent<string>).data)));
      on('lines', (data) => this.#add(data as LogLine[]));
      on('cleared', (data) => this.#removeUpTo((data as { n: number }).n));
      on('skipped', (data) => {
        this.#skipped += (data as { lines: number }).lines;
        this.#schedule();
      });
      on('status', (data) => {
        this.#flood = (data as LogStatus).flood;
        this.#setStatus('open');
      });
    };
    connect();
    return () => {
      clearTimeout(retry);
      source.close();
    };
  }

  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#show();
  }

  /** Whether the end is followed; if not, new lines wait, and what the reader looks at stays. */
  follow(isFollowing: boolean): void {
    this.#isFollowing = isFollowing;
    this.#show();
  }

  async loadOlder(): Promise<void> {
    await this.#load(async () => {
      const { lines, hasOlder } = this.#past ?? { lines: this.#live, hasOlder: this.#hasOlder };
      const [first] = lines;
      if (!hasOlder || first === undefined || lines.length >= MOST_KEPT) return;
      const page = await this.#page({ before: first.n });
      if (this.#past) {
        this.#past = {
          ...this.#past,
          lines: withOlder(this.#past.lines, page.lines),
          hasOlder: page.hasOlder,
        };
      } else {
        this.#live = withOlder(this.#live, page.lines);
        this.#hasOlder = page.hasOlder;
      }
    });
  }

  async loadNewer(): Promise<void> {
    await this.#load(async () => {
      const past = this.#past;
      if (!past?.hasNewer) return;
      const page = await this.#page({ after: past.lines.at(-1)?.n ?? 0 });
      if (this.#past === past)
        this.#past = {
          ...past,
          lines: withNewer(past.lines, page.lines, MOST_KEPT),
          hasNewer: page.hasNewer,
        };
    });
  }

  /** Shows the lines around a time. @returns the first that is not older; null when all are */
  async jump(at: Date): Promise<number | null> {
    const page = await this.#page({ at: at.toISOString() });
    this.#past = page;
    this.#show();
    return page.found ?? page.lines.at(-1)?.n ?? null;
  }

  /** Shows the lines around one of them, where it is not there already. */
  async jumpToLine(n: number): Promise<void> {
    if (this.#state.lines.some((line) => line.n === n)) return;
    const page = await this.#page({ before: n + PAGE / 2 });
    this.#past = { ...page, hasNewer: true };
    this.#show();
  }

  backToLive(): void {
    this.#past = null;
    this.#show();
  }

  async clear(): Promise<void> {
    await api.delete(this.#path);
    this.backToLive();
  }

  /** Address of the log as a file: what passes the filter, or all of it. */
  download(isFiltered: boolean): string {
    return withQuery(this.#path, isFiltered ? this.#filter : {});
  }

  get isFiltered(): boolean {
    return Object.keys(this.#filter).length > 0;
  }

  #page(query: { before?: number; after?: number; at?: string }): Promise<LogPage> {
    return api.get<LogPage>(withQuery(`${this.#path}/lines`, { limit: PAGE, ...query, ...this.#filter }));
  }

  /** One part at a time. */
  async #load(work: () => Promise<void>): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      await work();
    } finally {
      this.#isLoading = false;
      this.#show();
    }
  }

  #add(lines: LogLine[]): void {
    for (const line of lines) this.#fresh.push(line);
    if (this.#fresh.length > MOST_FOLLOWED * 2) {
      this.#fresh.splice(0, this.#fresh.length - MOST_FOLLOWED);
      this.#hasGap = true;
    }
    this.#schedule();
  }

  #removeUpTo(n: number): void {
    this.#live = withoutUpTo(this.#live, n);
    this.#fresh = this.#fresh.filter((line) => line.n > n);
    this.#past = null;
    this.#hasOlder = false;
    this.#skipped = 0;
    this.#schedule();
  }

  #setStatus(status: LogState['status']): void {
    this.#status = status;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const show = () => {
      this.#isScheduled = false;
      this.#show();
    };
    const inFrame = () => requestAnimationFrame(show);
    const wait = this.#isHeld() ? HELD_MS : this.#fresh.length > BUSY_LINES ? BUSY_MS : 0;
    const left = this.#shownAt + wait - performance.now();
    if (document.hidden) setTimeout(show, HIDDEN_MS);
    else if (left > 0) setTimeout(inFrame, left);
    else inFrame();
  }

  #isHeld(): boolean {
    if (this.#live.length === 0) return false;
    return this.#isPaused || !this.#isFollowing || this.#past !== null;
  }

  #show(): void {
    this.#shownAt = performance.now();
    if (!this.#isHeld() && this.#fresh.length > 0) {
      const before = this.#hasGap ? [] : this.#live;
      this.#live = withNewer(before, this.#fresh, MOST_FOLLOWED);
      if (this.#hasGap || (before.length > 0 && this.#live[0] !== before[0])) this.#hasOlder = true;
      this.#fresh = [];
      this.#hasGap = false;
    }
    this.#state = this.#makeState();
    for (const listener of this.#listeners) listener();
  }

  #makeState(): LogState {
    const { lines, hasOlder, hasNewer } = this.#past ?? {
      lines: this.#live,
      hasOlder: this.#hasOlder,
      hasNewer: false,
    };
    return {
      lines,
      hasOlder,
      hasNewer,
      isPast: this.#past !== null,
      held: this.#isHeld() ? this.#fresh.length : 0,
      status: this.#status,
      flood: this.#flood,
      skipped: this.#skipped,
    };
  }
}
