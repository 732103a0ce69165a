import type { Handled, Receiver } from '../receiver.js';

/** How often the line is renewed on a terminal, and how often it is told elsewhere. */
const TERMINAL_MS = 250;
const LOG_MS = 30_000;
/** The rate is that of the last seconds. */
const RATE_MS = 5_000;

/** What goes by on stderr: lines of the log, and below them on a terminal one line of progress. */
export class Screen {
  readonly #stream: NodeJS.WriteStream;
  readonly #terminal: boolean;
  #line = '';

  /** @param terminal whether a line may be written over */
  constructor(stream: NodeJS.WriteStream, terminal: boolean) {
    this.#stream = stream;
    this.#terminal = terminal;
  }

  log(text: string): void {
    const stamp = this.#terminal ? '' : `${new Date().toISOString()} `;
    this.#stream.write(`${this.#erased()}${stamp}${text}\n${this.#line}`);
  }

  show(line: string): void {
    if (!this.#terminal) return;
    const fitting = line.slice(0, Math.max(10, (this.#stream.columns || 80) - 1));
    if (fitting === this.#line) return;
    this.#stream.write(`${this.#erased()}${fitting}`);
    this.#line = fitting;
  }

  close(): void {
    if (this.#line !== '') this.#stream.write('\n');
    this.#line = '';
  }

  #erased(): string {
    return this.#line === '' ? '' : '\r\u001b[2K';
  }
}

/** Tells how far a receiver is. @returns ends it */
export function showProgress(receiver: Receiver, screen: Screen, terminal: boolean): () => void {
  const recent: { at: number; count: number }[] = [];
  let [total, told] = [0, 0];
  let last: Handled | undefined;
  receiver.on('read', (handled) => {
    recent.push({ at: performance.now(), count: handled.count });
    total += handled.count;
    if (handled.count > 0 || last === undefined) last = handled;
    else last = { ...last, lag: handled.lag };
  });
  const began = performance.now();
  const rate = (): number => {
    const now = performance.now();
    const span = Math.min(RATE_MS, Math.max(1, now - began));
    const since = now - span;
    while ((recent[0]?.at ?? since) < since) recent.shift();
    return Math.round((recent.reduce((sum, { count }) => sum + count, 0) * 1000) / span);
  };
  const line = (): string => {
    const waiting = last?.lag === undefined ? '' : `, ${last.lag} waiting`;
    const batch =
      last === undefined || last.count === 0 ? '' : `, batch of ${last.count} in ${ms(last.seconds)}`;
    return `channel ${receiver.settings.channel}: ${total} messages, ${rate()}/s${waiting}${batch}, next key ${last?.currKey ?? '–'}`;
  };
  const tick = terminal
    ? () => screen.show(line())
    : () => {
        if (total !== told) screen.log(line());
        told = total;
      };
  const timer = setInterval(tick, terminal ? TERMINAL_MS : LOG_MS);
  return () => {
    clearInterval(timer);
    tick();
    screen.close();
  };
}

const ms = (seconds: number): string =>
  seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
