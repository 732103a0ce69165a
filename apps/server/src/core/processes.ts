import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '#core/errors.js';

/** Whether a process with this id runs (also one of another user). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
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
