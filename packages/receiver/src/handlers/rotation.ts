import { createReadStream, createWriteStream } from 'node:fs';
import { link, open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { codeOf, removeIfThere, syncFolder } from '@polyrelay/essentials';

export interface RotationOptions {
  gzip: boolean;
  keep?: number | undefined;
}

/** Gives the file the time as part of its name: `messages.ndjson` → `messages-20260131T120000.000Z.ndjson`. */
export async function rotate(path: string, { gzip }: RotationOptions): Promise<void> {
  const older = await setAside(path);
  await syncFolder(dirname(path));
  if (gzip) await compress(older);
}

/** Does what a process that was killed left to do. */
export async function finishRotation(path: string, { gzip, keep }: RotationOptions): Promise<void> {
  for (const older of await olderFiles(path)) {
    if (older.endsWith(UNFINISHED)) await removeIfThere(older);
    else if (gzip && !older.endsWith('.gz')) await compress(older);
  }
  await removeOldest(path, keep);
}

export async function removeOldest(path: string, keep: number | undefined): Promise<void> {
  if (keep === undefined) return;
  // The time in the name sorts them.
  const older = (await olderFiles(path)).filter((file) => !file.endsWith(UNFINISHED));
  for (const file of older.slice(0, Math.max(0, older.length - keep))) await removeIfThere(file);
}

const UNFINISHED = '.new';

/** Linked, then unlinked: a name that is taken is never written over. */
async function setAside(path: string): Promise<string> {
  for (let at = Date.now(); ; at += 1) {
    const older = `${stem(path)}-${new Date(at).toISOString().replace(/[-:]/g, '')}${extname(path)}`;
    try {
      await link(path, older);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue;
      throw error;
    }
    await unlink(path);
    return older;
  }
}

async function compress(file: string): Promise<void> {
  const unfinished = `${file}.gz${UNFINISHED}`;
  await pipeline(createReadStream(file), createGzip(), createWriteStream(unfinished, { mode: 0o640 }));
  const handle = await open(unfinished, 'r+');
  await handle.sync().finally(() => handle.close());
  await rename(unfinished, `${file}.gz`);
  await syncFolder(dirname(file));
  await removeIfThere(file);
}

const stem = (path: string): string => path.slice(0, path.length - extname(path).length);

/** Oldest first. */
async function olderFiles(path: string): Promise<string[]> {
  const folder = dirname(path);
  const [before, after] = [`${basename(stem(path))}-`, extname(path)];
  const middle = /^\d{8}T\d{6}\.\d{3}Z/;
  const names = await readdir(folder);
  return names
    .filter((name) => {
      if (!name.startsWith(before)) return false;
      const rest = name.slice(before.length);
      const end = rest.replace(middle, '');
      return end !== rest && ['', '.gz', `.gz${UNFINISHED}`].some((ending) => end === after + ending);
    })
    .sort()
    .map((name) => join(folder, name));
}
