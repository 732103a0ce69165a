import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backup } from '@polyrelay/contract';
import { codeOf } from '#core/errors.js';
import { parseName } from './names.js';

/** The finished backups of a folder, newest first. A folder that is not there has none. */
export async function listBackups(folder: string): Promise<Backup[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const found = await Promise.all(names.map((name) => readBackup(folder, name)));
  return found.filter((one) => one !== undefined).sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

/** One finished backup; undefined for every name that is not one of ours, so also for paths. */
export async function readBackup(folder: string, name: string): Promise<Backup | undefined> {
  const parsed = parseName(name);
  if (parsed === undefined) return undefined;
  const found = await stat(join(folder, name)).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  return {
    ...parsed,
    createdAt: parsed.createdAt.toISOString(),
    bytes: found.size,
    state: 'done',
    step: null,
  };
}

/** Deletes all but the `keep` newest. @returns the names of those that went */
export async function keepNewest(folder: string, keep: number): Promise<string[]> {
  const old = (await listBackups(folder)).slice(keep).map(({ name }) => name);
  for (const name of old) await rm(join(folder, name), { force: true });
  return old;
}
