import { statfs } from 'node:fs/promises';

/** With less free space than this the service says so, and makes no backup. */
export const LOW_DISK_BYTES = 256 * 1024 * 1024;

/** Bytes that the service may still write where `folder` lies. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
