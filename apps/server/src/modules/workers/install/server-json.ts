import { join } from 'node:path';
import { ServerJson } from '@polyrelay/contract';
import { DomainError, messageOf } from '#core/errors.js';
import { readFromArchive } from './archive.js';
import { readOwnFile } from './read.js';

/** A server.json is never larger. */
const MAX_BYTES = 256 * 1024;

/**
 * Reads the server.json at the top of a program's source.
 * @throws DomainError `badServerJson` naming every problem in it
 */
export async function readServerJson(folder: string): Promise<ServerJson> {
  const text = await readOwnFile(join(folder, 'server.json')).catch((cause: unknown) => {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isMissing ? 'it has no server.json at its top' : 'its server.json is no file of its own';
    throw unusable(why, cause);
  });
  return serverJsonOf(text);
}

/** The same of a zip. */
export async function readServerJsonOfArchive(archive: string): Promise<ServerJson> {
  const text = await readFromArchive(archive, 'server.json', MAX_BYTES);
  if (text === undefined) throw unusable('it has no server.json at its top');
  return serverJsonOf(text);
}

function serverJsonOf(text: string): ServerJson {
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw unusable(`its server.json is larger than ${MAX_BYTES / 1024} KiB`);
  const parsed = ServerJson.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw unusable(`its server.json has mistakes: ${problems.join('; ')}`, parsed.error);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw unusable(`its server.json is not JSON (${messageOf(cause)})`, cause);
  }
}

const unusable = (why: string, cause?: unknown): DomainError =>
  new DomainError('invalid', 'badServerJson', `The source cannot be used: ${why}.`, { cause });
