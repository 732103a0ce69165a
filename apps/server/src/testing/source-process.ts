import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

/** A process, with what it printed so far. */
export interface SourceProcess {
  child: ChildProcess;
  /** The first match in what it prints, also in what is printed already. Fails when the process ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves when it has ended: its code or signal, and all it printed. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>;
}

/** Starts a TypeScript file of the service in a process of its own, with `env` alone as its settings. */
export function startSource(file: URL, env: Record<string, string>, args: string[] = []): SourceProcess {
  const runner = fileURLToPath(new URL('run-source.mjs', import.meta.url));
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  return startProcess(process.execPath, [runner, inject('bundles'), fileURLToPath(file), ...args], cwd, env);
}

/** Starts any program, with PATH and `env` alone as its environment. */
export function startProcess(
  command: string,
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): SourceProcess {
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const looking = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const look of looking) look();
    });
  }
  const ended: SourceProcess['ended'] = new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
  const printed = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(output);
        if (found === null) return;
        looking.delete(look);
        resolve(found);
      };
      looking.add(look);
      look();
      void ended.then(({ code, signal }) =>
        reject(new Error(`ended (${signal ?? code}) before it printed ${pattern}:\n${output}`)),
      );
    });
  return { child, printed, ended };
}
