import type { LogLevel, LogLine } from '@polyrelay/contract';

export const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warning: 2, error: 3 };

/** A level's name among the first words, or in brackets; as the published modules write it. */
const NAMED =
  /^(?:\S+ ){0,3}?\[?(?:(ERROR|CRITICAL|FATAL|error)|(WARNING|WARN|warn)|(DEBUG|debug)|(INFO|info))\b|\[(?:(ERROR|CRITICAL|FATAL)|(WARN(?:ING)?)|(DEBUG)|(INFO)) *\]/;

const ORDER: LogLevel[] = ['error', 'warning', 'debug', 'info'];

const TRACEBACK = 'Traceback (most recent call last)';
const EXCEPTION = /^[\w.]*(?:Error|Exception):/;

/** A line that goes on with what the one before began. */
const CONTINUED = /^(?:\t| {2,}|\s*$)/;

/** What the last line began or went on with. */
interface Begun {
  level: LogLevel;
  /** Until the first line that is not indented, which names the exception. */
  isTraceback: boolean;
}

/**
 * Says the level of each line: the one it names; for the further lines of a record, such as a traceback, that of its
 * first line; else by where it came from.
 */
export class Levels {
  readonly #records = new Map<LogLine['stream'], Begun>();

  of(stream: LogLine['stream'], text: string): LogLevel {
    const before = this.#records.get(stream);
    const record = recordOf(stream, text, before);
    if (record !== before) this.#records.set(stream, record);
    return record.level;
  }
}

function recordOf(stream: LogLine['stream'], text: string, before: Begun | undefined): Begun {
  if (before !== undefined && CONTINUED.test(text)) return before;
  if (text.startsWith(TRACEBACK)) {
    const isReported = before?.level === 'warning' || before?.level === 'error';
    return { level: isReported ? before.level : 'error', isTraceback: true };
  }
  if (before?.isTraceback === true) return { level: before.level, isTraceback: false };
  return { level: named(text.slice(0, 200)) ?? (stream === 'stderr' ? 'error' : 'info'), isTraceback: false };
}

function named(head: string): LogLevel | undefined {
  const match = NAMED.exec(head);
  if (match !== null) return ORDER[(match.findIndex((word, i) => i > 0 && word !== undefined) - 1) % 4];
  return EXCEPTION.test(head) ? 'error' : undefined;
}

/** Chooses lines of at least a level that hold a text, in whatever case. */
export function logFilter(level: LogLevel | undefined, text: string | undefined): (line: LogLine) => boolean {
  const wanted = text?.toLowerCase();
  const least = RANK[level ?? 'debug'];
  return (line) =>
    RANK[line.level] >= least && (wanted === undefined || line.text.toLowerCase().includes(wanted));
}
