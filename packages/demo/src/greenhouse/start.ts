import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A running greenhouse. */
export interface Greenhouse {
  /** Resolves when its process has ended. What it has not sent stays on disk. */
  close(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('../../dist/greenhouse/main.js', import.meta.url));

/** Starts the greenhouse of an unpacked distribution as a process of its own. @param everySeconds between readings */
export function startGreenhouse(place: string, everySeconds = 5): Greenhouse {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, place], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, DEMO_THING_SECONDS: String(everySeconds) },
  });
  const ended = once(child, 'exit');
  return {
    close: async () => {
      child.stdin?.end();
      await ended;
    },
  };
}
