import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerJson } from '@polyrelay/contract';
import { reasonOf, WorkerError } from './errors.js';
import { exists } from './program.js';
import { say } from './say.js';

/** Installs what the program names and the folder lacks: `--install`. */
export async function installMissing(folder: string, type: ServerJson['type']): Promise<void> {
  if (type === 'node') {
    if (!(await needsPackages(folder))) return;
    await run(folder, 'npm', ['install', '--omit=dev', '--no-audit', '--no-fund']);
  } else {
    if (!(await exists(join(folder, 'requirements.txt')))) return;
    if ((await exists(join(folder, '.venv'))) || (await exists(join(folder, 'venv')))) return;
    await run(folder, 'python3', ['-m', 'venv', '.venv']);
    await run(folder, '.venv/bin/python', ['-m', 'pip', 'install', '-r', 'requirements.txt']);
  }
}

/** What is missing, in words; undefined when nothing is. */
export async function missingPackages(folder: string, type: ServerJson['type']): Promise<string | undefined> {
  if (type !== 'node' || !(await needsPackages(folder))) return undefined;
  return 'package.json names packages, and there is no node_modules: run “npm install”, or add --install.';
}

async function needsPackages(folder: string): Promise<boolean> {
  const path = join(folder, 'package.json');
  const text = await readFile(path, 'utf8').catch(() => '{}');
  try {
    const { dependencies } = JSON.parse(text) as { dependencies?: object };
    return Object.keys(dependencies ?? {}).length > 0 && !(await exists(join(folder, 'node_modules')));
  } catch (cause) {
    throw new WorkerError(`${path} is not JSON: ${reasonOf(cause)}`, { cause });
  }
}

async function run(folder: string, command: string, args: string[]): Promise<void> {
  const line = [command, ...args].join(' ');
  say(line);
  const child = spawn(command, args, { cwd: folder, stdio: 'inherit' });
  const [code] = (await once(child, 'exit').catch((cause: unknown) => {
    throw new WorkerError(`“${line}” could not be started: ${reasonOf(cause)}`, { cause });
  })) as [number | null];
  if (code !== 0) throw new WorkerError(`“${line}” failed (code ${code}). Its output is above.`);
}
