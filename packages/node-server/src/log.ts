import { EventEmitter } from 'node:events';
import { format } from 'node:util';

export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** One line as the service knows it from published modules. */
export interface LogRecord {
  /** ms since 1970 */
  timestamp: number;
  levelname: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
  threadName: string;
  message: string;
}

const severity = { debug: 0, info: 1, warning: 2, error: 3, off: 4 } as const;
const names = { debug: 'DEBUG', info: 'INFO', warning: 'WARNING', error: 'ERROR' } as const;

/** Lines kept for someone who starts to follow the log. */
const KEEP = 1_000;

/**
 * Writes `time [name] [LEVEL] text` to the console, which the service captures: errors and warnings
 * on stderr. Never hand it tokens or codes.
 */
export class Logger extends EventEmitter<{ record: [LogRecord] }> {
  /** Less severe lines are not written. */
  level: LogLevel | 'off';
  readonly #name: string;
  readonly #recent: LogRecord[] = [];

  constructor(name = 'NodeServer', level: LogLevel | 'off' = 'info') {
    super();
    this.#name = name;
    this.level = level;
  }

  debug(message: string, ...details: unknown[]): void {
    this.#write('debug', message, details);
  }

  info(message: string, ...details: unknown[]): void {
    this.#write('info', message, details);
  }

  warning(message: string, ...details: unknown[]): void {
    this.#write('warning', message, details);
  }

  error(message: string, ...details: unknown[]): void {
    this.#write('error', message, details);
  }

  /** The newest lines, oldest first. */
  get recent(): readonly LogRecord[] {
    return this.#recent;
  }

  #write(level: LogLevel, message: string, details: unknown[]): void {
    if (severity[level] < severity[this.level]) return;
    const text = format(message, ...details);
    const record: LogRecord = {
      timestamp: Date.now(),
      levelname: names[level],
      threadName: this.#name,
      message: text,
    };
    const line = lineOf(record);
    if (severity[level] >= severity.warning) console.error(line);
    else console.log(line);
    this.#recent.push(record);
    if (this.#recent.length > KEEP) this.#recent.shift();
    this.emit('record', record);
  }
}

export const lineOf = ({ timestamp, threadName, levelname, message }: LogRecord): string =>
  `${new Date(timestamp).toISOString()} [${threadName}] [${levelname.padEnd(5)}] ${message}`;

/** `LOG_LEVEL` of the environment; anything else than a level is `info`. */
export const levelFrom = (text: string | undefined): LogLevel | 'off' =>
  text !== undefined && Object.hasOwn(severity, text) ? (text as LogLevel | 'off') : 'info';
