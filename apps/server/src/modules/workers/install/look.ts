import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { download } from '#core/outgoing.js';
import { MAX_ARCHIVE_BYTES, type Sources } from '#core/sources.js';
import { clone } from './git.js';
import { readServerJson, readServerJsonOfArchive } from './server-json.js';

/** Somebody waits for the answer, and a proxy may lie between. */
const TIMEOUT_MS = 50_000;

/** Looks into repositories and zips as an installation would. */
export async function lookInto({ config, nodeServers }: FastifyInstance): Promise<Sources> {
  const allowPrivate = config.allowPrivateUrls;
  // Where a repository lies for a moment.
  const folder = join(config.dataDir, 'workers', '.look');
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
    async archive(url, signal) {
      const archive = await nodeServers.newArchive();
      const path = join(nodeServers.uploadsFolder, archive);
      try {
        await download(url, path, { maxBytes: MAX_ARCHIVE_BYTES, allowPrivate, signal });
        return { archive, serverJson: await readServerJsonOfArchive(path) };
      } catch (error) {
        await nodeServers.removeArchive(archive);
        throw error;
      }
    },
  };
}
