import { copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exists, syncFolder, writeAtomically } from '#core/files.js';

/**
 * How a restore changes the data folder: all of it is prepared in {@link stagingFolder}, one rename makes it count,
 * and {@link finishRestore} moves it in place. That is repeated at every start until it is done, so a kill at any
 * moment leaves the folder as it was, or as it is to be.
 */
const STAGED = '.restore-staged';
const READY = '.restore-ready';

/** Moved as a whole, in this order. */
const FOLDERS = ['workers', 'uploads', 'postgres'];

/** Moved one by one: `pki` may be a file system of its own, shared by replicas. */
const FILES_FOLDER = 'pki';
const FILES = ['secret.key', 'instance-id'];

/** In the prepared folder: where what it replaces goes. */
const ASIDE = 'aside';

/** Where a restore prepares the new content of a data folder. */
export const stagingFolder = (dataDir: string): string => join(dataDir, STAGED);

/** Makes an empty folder for a restore to prepare; what it replaces goes to `DATA_DIR/<aside>`. */
export async function beginStaging(dataDir: string, aside: string): Promise<string> {
  const folder = stagingFolder(dataDir);
  await rm(folder, { recursive: true, force: true });
  // Others may pass through: PostgreSQL runs as its own user below it.
  await mkdir(folder, { recursive: true, mode: 0o711 });
  for (const name of ['workers', 'uploads', FILES_FOLDER])
    await mkdir(join(folder, name), { mode: name === FILES_FOLDER ? 0o755 : 0o700 });
  await writeAtomically(join(folder, ASIDE), aside);
  return folder;
}

/** From here on the prepared folder counts. */
export async function commitStaging(dataDir: string): Promise<void> {
  await syncFolder(stagingFolder(dataDir));
  await rename(stagingFolder(dataDir), join(dataDir, READY));
  await syncFolder(dataDir);
}

/** Takes {@link commitStaging} back, as long as nothing was moved. */
export const discardCommitted = (dataDir: string): Promise<void> =>
  rm(join(dataDir, READY), { recursive: true, force: true });

/**
 * Moves what a restore prepared in place, also what an interrupted one left to do.
 * @returns the folder that what was there before was moved to; undefined when nothing was there, or nothing is to do
 */
export async function finishRestore(dataDir: string): Promise<string | undefined> {
  const ready = join(dataDir, READY);
  if (!(await exists(ready))) return undefined;
  const aside = join(dataDir, (await readFile(join(ready, ASIDE), 'utf8')).trim());
  const names = await readdir(join(ready, FILES_FOLDER));
  for (const name of [...FILES, ...names.map((one) => join(FILES_FOLDER, one))])
    await replaceFile(join(ready, name), join(dataDir, name), join(aside, name));
  for (const name of FOLDERS) await replaceFolder(join(ready, name), join(dataDir, name), join(aside, name));
  await syncFolder(dataDir);
  await rm(ready, { recursive: true, force: true });
  return (await exists(aside)) ? aside : undefined;
}

async function replaceFile(fresh: string, path: string, aside: string): Promise<void> {
  if (!(await exists(fresh))) return;
  const content = await readFile(fresh);
  const old = await readFile(path).catch(() => undefined);
  // After an interruption the old one is aside already, and what lies here is the new one.
  if (old !== undefined && !old.equals(content) && !(await exists(aside))) {
    await mkdir(dirname(aside), { recursive: true, mode: 0o700 });
    await copyFile(path, aside);
  }
  await mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, content, (await stat(fresh)).mode & 0o777);
}

async function replaceFolder(fresh: string, path: string, aside: string): Promise<void> {
  if (!(await exists(fresh))) return;
  if (await exists(path)) {
    if ((await readdir(path)).length === 0) {
      await rm(path, { recursive: true });
    } else {
      await mkdir(dirname(aside), { recursive: true, mode: 0o700 });
      await rename(path, aside);
    }
  }
  await rename(fresh, path);
}
