import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { codeOf } from '#core/errors.js';

const run = promisify(execFile);

/** Whether a process with this id runs (also one of another user). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false;
  }
  return !isZombie(pid);
}

/** Ended, and still listed until its parent asks for its exit code: in a container without an init, for ever. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // `pid (name) state …`, and the name may hold anything.
    return stat[stat.lastIndexOf(')') + 2] === 'Z';
  } catch {
    return false;
  }
}

/** The parent and the command line of a process; undefined when it is gone or the system does not tell. */
export async function describeProcess(pid: number): Promise<{ parent: number; command: string } | undefined> {
  try {
    if (process.platform !== 'linux') {
      const { stdout } = await run('ps', ['-ww', '-o', 'ppid=,command=', '-p', String(pid)]);
      const [, parent, command = ''] = /^\s*(\d+)\s+(.*)/.exec(stdout) ?? [];
      return { parent: Number(parent), command };
    }
    const [stat, command] = await Promise.all(
      ['stat', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
    );
    // `pid (name) state parent …`, and the name may hold anything.
    const parent = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return { parent, command: command?.replaceAll('\0', ' ') ?? '' };
  } catch {
    return undefined;
  }
}

/**
 * Ends a process with the given signals, the next one when it is still there after `patienceMs`.
 * Waits until it is gone, or until the last signal's patience is over.
 */
export async function endProcess(pid: number, signals: NodeJS.Signals[], patienceMs: number): Promise<void> {
  for (const signal of signals) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const until = Date.now() + patienceMs;
    while (isAlive(pid)) {
      if (Date.now() > until) break;
      await delay(20);
    }
    if (!isAlive(pid)) return;
  }
}
