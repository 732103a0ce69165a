import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from './remove.js';

/**
 * Folders in a worker's own folder (`/app` inside) that it may write to. The rest of it is the service's: what a worker
 * could replace by a link, the service must never write through.
 */
export const WRITABLE = ['nodeserver', 'logs', 'home', 'venv'];

/** The worker's certificate and key, written by the service at every start. */
export const CERTS = 'certs';

/** The file that says that a program is installed, and of what. */
export const COMPLETE = 'complete';

/** Makes an empty folder with all that a program may expect there (PGC section 2). */
export async function makeLayout(folder: string): Promise<void> {
  await removeTree(folder);
  await Promise.all(
    [...WRITABLE, CERTS].map((name) => mkdir(join(folder, name), { recursive: true, mode: 0o700 })),
  );
}
