import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Writable } from 'node:stream';
import { messageOf } from '#core/errors.js';
import { readLines } from './lines.js';
import type { Ending, OnLine, RunningProgram } from './types.js';

/** A program as a child of the service: its whole command line, folder and environment. */
export interface ChildOptions {
  /** As the user knows it: stands in the reason when it cannot be started. */
  name: string;
  commandLine: string[];
  cwd: string;
  env: Record<string, string>;
  onLine: OnLine;
  /** bubblewrap tells the end by a signal as code 128 + signal. */
  wrapped: boolean;
  /** It is told something before it goes on. */
  hasInput?: boolean;
}

/** A child that may still wait for its input. */
export interface StartedChild extends RunningProgram {
  input: Writable | null;
}

/** Starts a child in a process group of its own, so that it is ended with all its children. */
export function startChild(options: ChildOptions): StartedChild {
  const { commandLine, cwd, env, onLine, hasInput = false } = options;
  const [file = '', ...args] = commandLine;
  const child = spawn(file, args, {
    cwd,
    env,
    stdio: [hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  if (child.stdout !== null) readLines(child.stdout, (text) => onLine('stdout', text));
  if (child.stderr !== null) readLines(child.stderr, (text) => onLine('stderr', text));
  return {
    pid: child.pid,
    ended: endingOf(child, options),
    kill: () => killGroup(child.pid),
    input: child.stdin,
  };
}

function endingOf(child: ChildProcess, { name, onLine, wrapped }: ChildOptions): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      const reason = `“${name}” could not be started: ${messageOf(error)}`;
      onLine('service', reason);
      resolve({ reason, success: false });
    });
    // Children it left behind end with it; they would also keep its output open.
    child.once('exit', () => killGroup(child.pid));
    // After its output was read to the end.
    child.once('close', (code, signal) => {
      const ended = signal ?? (wrapped ? signalOf(code) : undefined);
      resolve({
        reason: ended === undefined ? `It ended with code ${code}` : `It was ended by ${ended}`,
        success: code === 0,
      });
    });
  });
}

/** The signal that a shell's or bubblewrap's exit code means; undefined when it is a program's own code. */
function signalOf(code: number | null): string | undefined {
  const number = (code ?? 0) - 128;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Ended in this moment.
  }
}
