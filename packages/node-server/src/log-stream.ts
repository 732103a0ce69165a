import { deflateSync } from 'node:zlib';
import type { Logger, LogRecord } from './log.js';

export type PublishLog = (payload: string | Buffer, part: 'line' | 'file') => Promise<void>;

/**
 * Sends the log to whoever follows it (PGC sections 3, 4): first the lines so far, compressed, then
 * each new one. A worker on another machine has no other way to show its log.
 */
export class LogStream {
  readonly #log: Logger;
  readonly #publish: PublishLog;
  readonly #followers = new Set<string>();
  readonly #live = (record: LogRecord) => this.#send(JSON.stringify(record), 'line');

  constructor(log: Logger, publish: PublishLog) {
    this.#log = log;
    this.#publish = publish;
  }

  start(follower: string): void {
    const lines = this.#log.recent.map((record) => `${JSON.stringify(record)}\n`).join('');
    this.#send(deflateSync(lines), 'file');
    if (this.#followers.size === 0) this.#log.on('record', this.#live);
    this.#followers.add(follower);
  }

  stop(follower: string): void {
    this.#followers.delete(follower);
    if (this.#followers.size === 0) this.#log.off('record', this.#live);
  }

  close(): void {
    this.#followers.clear();
    this.#log.off('record', this.#live);
  }

  #send(payload: string | Buffer, part: 'line' | 'file'): void {
    // A failed log line must not write a log line.
    this.#publish(payload, part).catch(() => {});
  }
}
