import { open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from './failures.js';

/** Names of files that are still being written begin with it. */
const UNFINISHED = '.new-';

let counter = 0;

/** Writes a file whole or not at all: it is on disk when this resolves, also when the power fails. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  counter += 1;
  const unfinished = join(folder, `${UNFINISHED}${process.pid}-${counter}-${basename(path)}`);
  try {
    const file = await open(unfinished, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await removeIfThere(unfinished).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
}

/** Adds a line that is on disk when this resolves. A torn line before it stays one of its own. */
export async function appendLine(path: string, line: string): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.writeFile(`\n${line}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes renames in it last. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders; its renames are durable without.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch(absent);

/** @returns whether it was there */
export const removeIfThere = (path: string): Promise<boolean> =>
  unlink(path).then(
    () => true,
    (error: unknown) => absent(error) ?? false,
  );

/** Finished files of a folder, by name; none where there is no folder. */
export async function finishedFiles(folder: string, suffix: string): Promise<string[]> {
  const names = (await readdir(folder).catch(absent)) ?? [];
  return names.filter((name) => name.endsWith(suffix) && !name.startsWith('.')).sort();
}

/** Removes what processes that were killed left half written. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = new RegExp(`^\\${UNFINISHED}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await removeIfThere(join(folder, name));
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function absent(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined;
  throw error;
}
