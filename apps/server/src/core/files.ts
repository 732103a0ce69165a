import { rename, writeFile } from 'node:fs/promises';

/** Writes a file whole or not at all: a kill in the middle leaves the old one, or none. */
export async function writeAtomically(path: string, content: string, mode = 0o644): Promise<void> {
  const fresh = `${path}.new`;
  await writeFile(fresh, content, { mode });
  await rename(fresh, path);
}
