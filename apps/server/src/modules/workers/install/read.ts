import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Larger is no server.json, and no package.json. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads a file that a program brought along or may have replaced: not through a link, which leads anywhere on this
 * machine, and not from a pipe or a device, which have no end.
 * @throws Error saying what is wrong with it
 */
export async function readOwnFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error('it is not a file');
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
    if (bytesRead > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
