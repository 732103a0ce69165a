import type { Language } from './types.js';

/** Interpreters of this machine. */
export const LOCAL_INTERPRETERS: Record<Language, string> = { python3: 'python3', node: process.execPath };

/** The environment of a worker on this machine: nothing of the service's own but where programs are. */
export const basicEnvironment = (home: string, env: Record<string, string>): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
  LANG: 'C.UTF-8',
  ...env,
  HOME: home,
});

/** Node.js's own limit below the worker's: else it would find out too late that it may not have more. */
export const heapLimit = (memoryMb: number): string => `--max-old-space-size=${Math.round(memoryMb * 0.75)}`;
