import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonOf } from '@polyrelay/essentials';
import type { ThingConfig } from '../config.js';
import { ThingError } from '../errors.js';
import type { ReceivedMessage } from '../store.js';

/** After SIGTERM it has this long. */
const KILL_MS = 2000;

export interface Handler {
  command: string;
  args: string[];
}

/** What runs a handler: itself, or this Node.js. @throws ThingError `USAGE` when it cannot be run */
export async function findHandler(file: string): Promise<Handler> {
  const path = resolve(file);
  const isScript = /\.[cm]?js$/.test(path);
  await access(path, isScript ? constants.R_OK : constants.X_OK).catch((cause: unknown) => {
    const advice = isScript ? 'Is it there?' : `Is it there, and executable (chmod +x ${path})?`;
    throw new ThingError('USAGE', `The handler ${path} cannot be run. ${advice}`, { cause });
  });
  return isScript ? { command: process.execPath, args: [path] } : { command: path, args: [] };
}

/**
 * Runs the handler for one message: payload as JSON on stdin, about it in `THING_*`.
 * @returns why it failed, or undefined
 */
export function handle(
  { command, args }: Handler,
  message: ReceivedMessage,
  config: ThingConfig,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'inherit', 'inherit'],
      // Its own process group: its children end with it.
      detached: true,
      env: { ...process.env, ...environment(message, config) },
    });
    let ended: string | undefined;
    let timers: NodeJS.Timeout[] = [];
    const signal = (name: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // Ended in this moment.
      }
    };
    const end = (why: string) => {
      ended ??= why;
      signal('SIGTERM');
      timers.push(setTimeout(() => signal('SIGKILL'), KILL_MS));
    };
    const onStop = () => end('it was stopped');
    timers = [setTimeout(() => end(`it took longer than ${timeoutMs / 1000} s`), timeoutMs)];
    stop.addEventListener('abort', onStop);
    const finish = (why: string | undefined) => {
      for (const timer of timers) clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
      resolve(why);
    };
    child.once('error', (error) => finish(reasonOf(error)));
    child.once('exit', (code, by) => {
      signal('SIGKILL');
      finish(
        ended ??
          (code === 0 ? undefined : by === null ? `it ended with code ${code}` : `it was ended by ${by}`),
      );
    });
    // A handler need not read.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(message.payload));
  });
}

const environment = (message: ReceivedMessage, config: ThingConfig): NodeJS.ProcessEnv => ({
  THING_ID: config.id,
  THING_NAME: config.name,
  THING_CONFIG: config.file,
  THING_DATA: config.data,
  THING_SDK: fileURLToPath(import.meta.url),
  THING_MESSAGE_ID: message.id,
  THING_MESSAGE_AT: message.at,
});
