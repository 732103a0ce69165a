import { access, open, rename, writeFile } from 'node:fs/promises';

/** Writes a file whole or not at all: a kill in the middle leaves the old one, or none. */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  const fresh = `${path}.new`;
  await writeFile(fresh, content, { mode });
  await rename(fresh, path);
}

/** Whether there is anything at a path. */
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Waits until what was renamed or made in a folder is on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
