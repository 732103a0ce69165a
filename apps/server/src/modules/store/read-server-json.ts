import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerJson } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';
import type { GitSource } from '#core/sources.js';
import { cloneBare, readCloned } from './git.js';

/** A server.json is never larger. */
const MAX_SERVER_JSON_BYTES = 256 * 1024;
/** Somebody waits for the answer, and a proxy may lie between. */
const TIMEOUT_MS = 50_000;

interface Options {
  /** Where the repository may lie for a moment. */
  folder: string;
  allowPrivate: boolean;
  /** Ends it. */
  signal: AbortSignal;
}

/** Reads the server.json of a repository, and the commit it is at. Nothing of the repository is kept. */
export async function readServerJson(
  { git, ref }: GitSource,
  { folder, allowPrivate, signal: given }: Options,
): Promise<{ serverJson: ServerJson; commit: string }> {
  const signal = AbortSignal.any([given, AbortSignal.timeout(TIMEOUT_MS)]);
  const place = await mkdtemp(join(folder, 'clone-'));
  try {
    const clone = join(place, 'repository');
    const commit = await cloneBare(
      { url: git, ref, folder: clone, allowPrivate, signal },
      MAX_SERVER_JSON_BYTES,
    );
    const text = await readCloned(clone, 'server.json', signal);
    if (text === undefined || text.length > MAX_SERVER_JSON_BYTES)
      throw unusable(`${git} has no server.json of usual size at its top`);
    return { serverJson: parseServerJson(text, git), commit };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** @throws DomainError `badServerJson` naming every problem */
export function parseServerJson(text: string, where: string): ServerJson {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw unusable(`The server.json of ${where} is not JSON`, cause);
  }
  const parsed = ServerJson.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw unusable(`The server.json of ${where} has mistakes: ${problems.join('; ')}`);
}

const unusable = (why: string, cause?: unknown): DomainError =>
  new DomainError('invalid', 'badServerJson', `${why}. Its author has to mend that.`, { cause });
