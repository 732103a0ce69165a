import type { LogLevel } from '@polyrelay/contract';
import type { WorkerLog } from './log.js';

interface SentRecord {
  level: LogLevel;
  text: string;
  at: Date | undefined;
}

/** What is printed and what is sent of the same line arrive within this. */
const APART_MS = 1000;

/** So many printed lines are looked through, and so many records wait. */
const LOOKED_AT = 2000;

/**
 * Log records that a worker sends over MQTT although the service has its output: adds those alone that were not
 * printed, too. Each waits a moment, because either may be first.
 */
export class SentRecords {
  readonly #log: WorkerLog;
  #waiting: SentRecord[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(log: WorkerLog) {
    this.#log = log;
  }

  add(records: SentRecord[]): void {
    this.#waiting.push(...records.slice(0, LOOKED_AT - this.#waiting.length));
    this.#timer ??= setTimeout(() => void this.#join(), APART_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #join(): Promise<void> {
    this.#timer = undefined;
    const records = this.#waiting;
    this.#waiting = [];
    const since = new Date(Date.now() - 2 * APART_MS - 500).toISOString();
    const printed = await this.#log.newest(
      LOOKED_AT,
      ({ stream, at }) => (stream === 'stdout' || stream === 'stderr') && at >= since,
    );
    for (const { level, text, at } of records) {
      const [first = ''] = this.#log.masked(text).split('\n');
      const index = printed.findIndex((line) => line.text.includes(first));
      // A line that is printed twice is sent twice.
      if (index !== -1) printed.splice(index, 1);
      else this.#log.add('mqtt', text, level, at);
    }
  }
}
