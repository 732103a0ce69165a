import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Source } from '@polyrelay/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import { newToken } from '#core/secrets/tokens.js';
import { MAX_ARCHIVE_BYTES } from '#core/sources.js';

/** A registration that came as a form: its JSON, and where the zip was put (in `DATA_DIR/uploads`). */
export interface Upload {
  request: unknown;
  archive: string;
}

/** Folder of uploaded node servers; a node server's source names a file in it. */
export const uploadsFolder = (app: FastifyInstance): string => join(app.config.dataDir, 'uploads');

/** Room for another zip. @returns its name in the folder of uploads */
export async function newArchive(app: FastifyInstance): Promise<string> {
  await mkdir(uploadsFolder(app), { recursive: true, mode: 0o700 });
  return `${newToken(12)}.zip`;
}

/** The zip that a source is. */
export const archiveOf = (source: Source | null): string | undefined =>
  source !== null && 'archive' in source ? source.archive : undefined;

/** Where the release that runs and the one before it came from. */
export const sourcesOf = ({
  source,
  previous,
}: {
  source: unknown;
  previous: unknown;
}): (Source | null)[] => [source as Source | null, (previous as { source: Source } | null)?.source ?? null];

/** Removes zips that nothing is installed from any more. */
export async function removeArchives(app: FastifyInstance, sources: (Source | null)[]): Promise<void> {
  for (const archive of sources.map(archiveOf))
    if (archive !== undefined) await rm(join(uploadsFolder(app), archive), { force: true });
}

/** Reads a multipart registration: field `request` (JSON), file `archive` (zip), in any order. */
export async function readUpload(app: FastifyInstance, request: FastifyRequest): Promise<Upload> {
  const upload = await readParts(app, request);
  if (upload.request !== undefined) return upload;
  await removeArchives(app, [upload]);
  throw missing('request', 'Send the registration as JSON in the field “request”.');
}

/** Reads a zip alone: file `archive`. @returns its name in the folder of uploads */
export async function readArchive(app: FastifyInstance, request: FastifyRequest): Promise<string> {
  return (await readParts(app, request)).archive;
}

async function readParts(app: FastifyInstance, request: FastifyRequest): Promise<Upload> {
  const archive = await newArchive(app);
  const path = join(uploadsFolder(app), archive);
  let fields: unknown;
  let stored = false;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file' && part.fieldname === 'archive') {
        await pipeline(part.file, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
        if (part.file.truncated)
          throw new DomainError(
            'tooLarge',
            'archiveTooLarge',
            `The zip is larger than ${MAX_ARCHIVE_BYTES / 1024 / 1024} MiB. Leave out what the program does not need.`,
          );
        stored = true;
      } else if (part.type === 'field' && part.fieldname === 'request') {
        fields = JSON.parse(String(part.value));
      }
    }
    if (!stored) throw missing('archive', 'Send the zip as file “archive”.');
    return { request: fields, archive };
  } catch (error) {
    await rm(path, { force: true });
    if (error instanceof SyntaxError)
      throw missing('request', `The field “request” is not JSON: ${error.message}`);
    throw error;
  }
}

const missing = (path: string, message: string): DomainError =>
  new DomainError('invalid', 'badUpload', message, { errors: [{ path, message }] });
