import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '#core/errors.js';

/** Files of the data folder that belong in a backup. Programs and their packages are installed again from their source. */
const FILES = ['instance-id', 'secret.key'];
const FOLDERS = ['pki', 'uploads'];

/** What is being written now has one of these endings, or begins with a dot. */
const UNFINISHED = /^\.|\.new$/;

/** Paths of the files to keep, from the data folder. `withKey`: the key of the secrets is one of them. */
export async function readFiles(dataDir: string, withKey: boolean): Promise<string[]> {
  const inFolders = await Promise.all(
    FOLDERS.map(async (folder) => (await filesIn(join(dataDir, folder))).map((name) => join(folder, name))),
  );
  const own = (await filesIn(dataDir)).filter((name) => FILES.includes(name));
  return [...own.filter((name) => withKey || name !== 'secret.key'), ...inFolders.flat()].sort();
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((one) => one.isFile() && !UNFINISHED.test(one.name)).map((one) => one.name);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
