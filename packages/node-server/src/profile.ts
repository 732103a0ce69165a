import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { KeyedDocument } from './documents.js';
import { NodeServerError, reasonOf } from './errors.js';
import type { Logger } from './log.js';

export interface ProfileFile {
  type: 'nodedef' | 'editor' | 'nls';
  filename: string;
  /** base64 */
  payload: string;
}

const kinds = [
  { type: 'nodedef', extension: '.xml' },
  { type: 'editor', extension: '.xml' },
  { type: 'nls', extension: '.txt' },
] as const;

/** Every file of `profile/{nodedef,editor,nls}` (PGC section 9), in the form `uploadProfile` sends. */
export const readProfile = async (folder: string): Promise<ProfileFile[]> => {
  const files: ProfileFile[] = [];
  for (const { type, extension } of kinds) {
    const names = await readdir(join(folder, type)).catch((): string[] => []);
    for (const filename of names.sort()) {
      if (!filename.toLowerCase().endsWith(extension)) continue;
      files.push({ type, filename, payload: await readFile(join(folder, type, filename), 'base64') });
    }
  }
  if (files.length > 0) return files;
  const expected = 'nodedef/*.xml, editor/*.xml, nls/*.txt';
  throw new NodeServerError('PROFILE_MISSING', `${folder} has no profile files (${expected})`);
};

interface ProfileParts {
  log: Logger;
  customData: KeyedDocument;
  folder(): string;
  /** `profile_version` of server.json. */
  version(): string | undefined;
  firstRun(): boolean;
  send(file: ProfileFile): Promise<void>;
}

/** customData key under which published modules keep it too. */
const INSTALLED = 'installedProfileVersion';

/** The profile: names of values, forms of commands, for the dashboard (PGC section 9). */
export class Profile {
  readonly #parts: ProfileParts;

  constructor(parts: ProfileParts) {
    this.#parts = parts;
  }

  /** Uploads every file of the node server's `profile` folder and resolves with their names. */
  async upload(folder = 'profile'): Promise<string[]> {
    const files = await readProfile(resolve(this.#parts.folder(), folder));
    await Promise.all(files.map((file) => this.#parts.send(file)));
    this.#parts.log.info(`Uploaded ${files.length} profile files`);
    return files.map(({ type, filename }) => join(type, filename));
  }

  /**
   * Uploads the profile when `profile_version` of server.json is another one than the last uploaded; a
   * server.json without it: on the first run.
   */
  async uploadIfNew(): Promise<boolean> {
    const { customData, version, firstRun } = this.#parts;
    const wanted = version();
    const installed = customData.text(INSTALLED);
    if (wanted === undefined ? !firstRun() : installed === String(wanted)) return false;
    await this.upload();
    if (wanted !== undefined) await customData.merge({ [INSTALLED]: String(wanted) });
    return true;
  }

  /** A node server without profile still runs: its values are shown by their bare names. */
  async uploadUnasked(): Promise<void> {
    try {
      await this.uploadIfNew();
    } catch (error) {
      this.#parts.log.warning(reasonOf(error));
    }
  }
}
