import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerJson } from '@polyrelay/contract';
import { reasonOf, WorkerError } from './errors.js';

/**
 * Reads the folder's `server.json`, and looks whether its program is there.
 * @throws WorkerError naming the file, the field, and what to do
 */
export async function readServerJson(folder: string): Promise<ServerJson> {
  const path = join(folder, 'server.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new WorkerError(
      `There is no server.json in ${folder}. Go to the folder of the node server first (${reasonOf(cause)}).`,
      { cause },
    );
  });
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new WorkerError(`${path} is not JSON: ${reasonOf(cause)}`, { cause });
  }
  const { success, data, error } = ServerJson.safeParse(json);
  if (!success) {
    const problems = error.issues.map(
      ({ path: keys, message }) => `  ${keys.join('.') || 'the file'}: ${message}`,
    );
    throw new WorkerError(`${path} cannot be used:\n${problems.join('\n')}`);
  }
  await access(join(folder, data.executable)).catch((cause: unknown) => {
    throw new WorkerError(
      `${path}: executable: “${data.executable}” is not in the folder. Name the program’s main file.`,
      { cause },
    );
  });
  return data;
}
