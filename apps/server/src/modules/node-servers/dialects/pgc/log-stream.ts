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

const LEVELS: Record<string, LogLevel> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warning',
  WARNING: 'warning',
  ERROR: 'error',
  CRITICAL: 'error',
  FATAL: 'error',
};

/**
 * Log records that a worker sends over MQTT. Only a worker that the user runs is heard this way: of the others the
 * service captures the output itself, and every line would come twice.
 */
export function logRecord({ signals }: Context, ref: NodeServerRef, payload: Buffer): void {
  if (ref.runtime === 'local') emitLine(signals, ref, payload.toString('utf8'));
}

/** The whole log so far, compressed, which a worker sends when a stream starts. */
export async function logFile({ signals }: Context, ref: NodeServerRef, payload: Buffer): Promise<void> {
  if (ref.runtime !== 'local') return;
  const text = (await unzip(payload, { maxOutputLength: MAX_LOG_BYTES })).toString('utf8');
  for (const line of text.split('\n').filter(Boolean).slice(-MAX_LINES)) emitLine(signals, ref, line);
}

function emitLine(signals: Context['signals'], ref: NodeServerRef, line: string): void {
  const { level, text } = parseLine(line);
  signals.emit('diagnostic', { nodeServerId: ref.id, level, text });
}

/** The modules' records are JSON with `levelname` and `message`; anything else is shown as it is. */
function parseLine(line: string): { level: LogLevel; text: string } {
  try {
    const record = JSON.parse(line) as { levelname?: unknown; message?: unknown };
    if (typeof record.message === 'string')
      return { level: LEVELS[String(record.levelname)] ?? 'info', text: record.message };
  } catch {
    // Not JSON.
  }
  return { level: 'info', text: line };
}
