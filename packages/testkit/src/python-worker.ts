import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Inbox } from './inbox.js';

/** Folder of our own `pgc_interface`, for PYTHONPATH; right from `src` and from `dist`. */
export const PGC_INTERFACE = fileURLToPath(new URL('../../pgc-interface-python/src', import.meta.url));

/** A Python that has paho-mqtt (`PYTHON` names another one), or undefined. */
export const pythonWithPaho = (): string | undefined =>
  [process.env.PYTHON, 'python3', '/usr/bin/python3'].find(
    (command) =>
      command !== undefined &&
      spawnSync(command, ['-c', 'import paho.mqtt.client'], { stdio: 'ignore' }).status === 0,
  );

/** Said by tests that are skipped without it. */
export const PYTHON_MISSING = 'skipped: no Python with paho-mqtt (Debian: apt install python3-paho-mqtt)';

export interface PythonWorker {
  process: ChildProcess;
  /** Everything it printed, line by line. */
  lines: Inbox<string>;
  /** The folder above the node server's own. */
  folder: string;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | string | null>;
  /** Kills it where it still runs, and removes its folder. */
  remove(): Promise<void>;
}

/** Runs a Python node server from files, `main.py` first, as a person does on their own machine. */
export const pythonWorker = async (
  files: Record<string, string | Buffer>,
  env: Record<string, string>,
): Promise<PythonWorker> => {
  const python = pythonWithPaho();
  if (python === undefined) throw new Error(PYTHON_MISSING);
  const folder = await mkdtemp(join(tmpdir(), 'pr-python-'));
  const cwd = join(folder, 'nodeserver');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), content);
  }
  await mkdir(join(folder, 'logs'));
  const { PATH = '', PYTHONPATH } = process.env;
  const path = PYTHONPATH === undefined ? PGC_INTERFACE : PGC_INTERFACE + delimiter + PYTHONPATH;
  const child = spawn(python, ['main.py'], {
    cwd,
    env: { PATH, PYTHONPATH: path, PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = new Inbox<string>();
  for (const [name, stream] of [
    ['stdout', child.stdout],
    ['stderr', child.stderr],
  ] as const)
    createInterface({ input: stream }).on('line', (line) => lines.put(name, line));
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  const remove = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { process: child, lines, folder, ended, remove };
};
