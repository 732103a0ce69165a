import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import type { LogLevel } from '@polyrelay/contract';
import type { Context } from '../../context.js';
import type { NodeServerRef } from '../../refs.js';

const unzip = promisify(inflate);

/** A worker's log file may unpack to this much; a bomb is refused. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;

/** Of a log file this many last lines are shown. */
const MAX_LINES = 2000;

/** The last moment a date can stand for. */
const MAX_TIME = 8.64e15;

const LEVELS: Record<string, LogLevel> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warning',
  WARNING: 'warning',
  ERROR: 'error',
  CRITICAL: 'error',
  FATAL: 'error',
};

/** When the newest records of a worker's log were written: its file comes again with every stream. */
const newest = new WeakMap<NodeServerRef, number[]>();

/** So many of them: the first records of a stream may come before its file. */
const KNOWN = 100;

/**
 * A log record that a worker sends over MQTT. Published modules print every line as well, and send it only when they
 * are asked to; so what a worker of this service sends unasked is looked for in its output first.
 */
export function logRecord(context: Context, ref: NodeServerRef, payload: Buffer): void {
  emitRecords(context, ref, [parseRecord(payload.toString('utf8'))]);
}

/**
 * The whole log so far, compressed, which a worker sends when a stream starts; what came before is left out. Of the
 * workers that the service runs it has the output itself.
 */
export async function logFile(context: Context, ref: NodeServerRef, payload: Buffer): Promise<void> {
  if (ref.runtime !== 'local') return;
  const text = (await unzip(payload, { maxOutputLength: MAX_LOG_BYTES })).toString('utf8');
  const records = text.split('\n').filter(Boolean).slice(-MAX_LINES).map(parseRecord);
  const end = records.findLast(({ at }) => at !== undefined)?.at ?? 0;
  const last = newest.get(ref)?.findLast((at) => at <= end) ?? 0;
  emitRecords(
    context,
    ref,
    records.filter(({ at }) => at === undefined || at > last),
  );
}

interface ParsedRecord {
  level: LogLevel;
  text: string;
  /** In ms; undefined where the record does not say. */
  at: number | undefined;
}

function emitRecords({ signals }: Context, ref: NodeServerRef, records: ParsedRecord[]): void {
  const times = records.flatMap(({ at }) => at ?? []);
  if (times.length > 0) newest.set(ref, [...(newest.get(ref) ?? []), ...times].slice(-KNOWN));
  signals.emit('logRecords', {
    nodeServerId: ref.id,
    isPrinted: ref.runtime !== 'local',
    records: records.map(({ level, text, at }) => ({
      level,
      text,
      at: at === undefined ? undefined : new Date(at),
    })),
  });
}

/** The modules' records are JSON with `levelname`, `message` and `timestamp`; anything else is shown as it is. */
function parseRecord(line: string): ParsedRecord {
  try {
    const { levelname, message, exc_info: trace, timestamp } = JSON.parse(line) as Record<string, unknown>;
    if (typeof message === 'string')
      return {
        level: LEVELS[String(levelname)] ?? 'info',
        text: typeof trace === 'string' ? `${message}\n${trace}` : message,
        at: typeof timestamp === 'number' && timestamp > 0 && timestamp <= MAX_TIME ? timestamp : undefined,
      };
  } catch {
    // Not JSON.
  }
  return { level: 'info', text: line, at: undefined };
}
