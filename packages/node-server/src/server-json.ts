import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ServerJson } from '@polyrelay/contract';
import { NodeServerError, reasonOf } from './errors.js';

/**
 * The node server's own `server.json` (PGC section 8), as its author wrote it: polls may be strings,
 * unknown keys are there. `undefined` when the folder has none.
 */
export const readServerJson = async (folder: string): Promise<Partial<ServerJson> | undefined> => {
  const path = resolve(folder, 'server.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Partial<ServerJson>;
  } catch (cause) {
    throw new NodeServerError('SERVER_JSON_INVALID', `${path} is not JSON: ${reasonOf(cause)}`, { cause });
  }
};
