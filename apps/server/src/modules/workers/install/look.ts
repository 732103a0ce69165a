import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sources } from '#core/sources.js';
import { clone } from './git.js';
import { readServerJson } from './server-json.js';

/** Somebody waits for the answer, and a proxy may lie between. */
const TIMEOUT_MS = 50_000;

/** Looks into repositories as an installation would. @param folder where one may lie for a moment; it is emptied */
export async function lookInto(folder: string, allowPrivate: boolean): Promise<Sources> {
  await rm(folder, { recursive: true, force: true });
  return {
    async serverJson({ git, ref }, given) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const place = await mkdtemp(join(folder, 'look-'));
      const signal = AbortSignal.any([given, AbortSignal.timeout(TIMEOUT_MS)]);
      try {
        const commit = await clone({
          url: git,
          ref,
          folder: place,
          allowPrivate,
          signal,
          onLine: () => undefined,
        });
        return { serverJson: await readServerJson(place), commit };
      } finally {
        await rm(place, { recursive: true, force: true });
      }
    },
  };
}
