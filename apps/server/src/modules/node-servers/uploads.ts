import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import { newToken } from '#core/secrets/tokens.js';

/** A registration that came as a form: its JSON, and where the zip was put (in `DATA_DIR/uploads`). */
export interface Upload {
  request: unknown;
  archive: string;
}

/** Folder of uploaded node servers; a node server's source names a file in it. */
export const uploadsFolder = (app: FastifyInstance): string => join(app.config.dataDir, 'uploads');

/** Reads a multipart registration: field `request` (JSON), file `archive` (zip), in any order. */
export async function readUpload(app: FastifyInstance, request: FastifyRequest): Promise<Upload> {
  const upload = await readParts(app, request);
  if (upload.request !== undefined) return upload;
  await rm(join(uploadsFolder(app), upload.archive), { force: true });
  throw missing('request', 'Send the registration as JSON in the field “request”.');
}

/** Reads a zip alone: file `archive`. @returns its name in the folder of uploads */
export async function readArchive(app: FastifyInstance, request: FastifyRequest): Promise<string> {
  return (await readParts(app, request)).archive;
}

async function readParts(app: FastifyInstance, request: FastifyRequest): Promise<Upload> {
  const folder = uploadsFolder(app);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const archive = `${newToken(12)}.zip`;
  const path = join(folder, archive);
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
            'The zip is larger than 64 MiB. Leave out what the program does not need.',
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
