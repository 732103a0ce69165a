import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { codeOf, DomainError, messageOf } from '#core/errors.js';
import { DecryptingReader } from '../encryption/decrypt.js';
import { damaged, MAGIC } from '../encryption/format.js';
import { FORMAT, filePart, MANIFEST_PART, Manifest, tablePart } from './manifest.js';

const ZIP_MAGIC = Buffer.from('PK\x03\x04', 'latin1');
const MANIFEST_BYTES = 16 * 1024 * 1024;

const fromFd = promisify<number, yauzl.Options, ZipFile>(yauzl.fromFd);
const fromReader = promisify<yauzl.RandomAccessReader, number, yauzl.Options, ZipFile>(
  yauzl.fromRandomAccessReader,
);
// It is closed with the file.
const OPTIONS = { lazyEntries: true, autoClose: false, validateEntrySizes: true };

/** One backup file, open for reading. */
export class BackupFile {
  readonly manifest: Manifest;
  readonly encrypted: boolean;
  readonly #file: FileHandle;
  readonly #zip: ZipFile;
  readonly #entries: Map<string, Entry>;

  private constructor(parts: {
    manifest: Manifest;
    encrypted: boolean;
    file: FileHandle;
    zip: ZipFile;
    entries: Map<string, Entry>;
  }) {
    this.manifest = parts.manifest;
    this.encrypted = parts.encrypted;
    this.#file = parts.file;
    this.#zip = parts.zip;
    this.#entries = parts.entries;
  }

  /**
   * Opens a backup and reads what it says it holds.
   * @throws DomainError `noBackupFile`, `notABackup`, `passphraseNeeded`, `wrongPassphrase`, `backupDamaged`, `backupNewer`
   */
  static async open(path: string, passphrase: string | undefined): Promise<BackupFile> {
    const file = await open(path, 'r').catch((cause: unknown) => {
      const why = codeOf(cause) === 'ENOENT' ? 'is not there' : `cannot be read: ${messageOf(cause)}`;
      throw new DomainError('notFound', 'noBackupFile', `The file ${path} ${why}.`, { cause });
    });
    try {
      const start = Buffer.alloc(MAGIC.length);
      await file.read(start, 0, start.length, 0);
      const encrypted = start.equals(MAGIC);
      if (!encrypted && !start.subarray(0, ZIP_MAGIC.length).equals(ZIP_MAGIC)) throw notABackup(path);
      const zip = encrypted ? await openEncrypted(file, passphrase) : await openPlain(file);
      const entries = await readEntries(zip);
      const manifest = await readManifest(zip, entries.get(MANIFEST_PART), path);
      return new BackupFile({ manifest, encrypted, file, zip, entries });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The content of a part. @throws DomainError `backupDamaged` when it is not there */
  async read(part: string): Promise<Readable> {
    const entry = this.#entries.get(part);
    if (entry === undefined) throw damaged(`${part} is not in it`);
    return readEntry(this.#zip, entry);
  }

  /**
   * Reads all of it and compares it with what the manifest says.
   * @throws DomainError `backupDamaged` naming the part that differs
   */
  async verify(): Promise<void> {
    const { tables, files } = this.manifest;
    const parts = [
      ...tables.map((one) => ({ ...one, part: tablePart(one.name) })),
      ...files.map((one) => ({ ...one, part: filePart(one.path) })),
    ];
    for (const { part, bytes, sha256 } of parts) {
      const hash = createHash('sha256');
      let seen = 0;
      try {
        for await (const chunk of await this.read(part)) {
          hash.update(chunk as Buffer);
          seen += (chunk as Buffer).length;
        }
      } catch (error) {
        throw asDamaged(part, error);
      }
      if (seen !== bytes || hash.digest('hex') !== sha256) throw damaged(`${part} was changed`);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function openPlain(file: FileHandle): Promise<ZipFile> {
  try {
    return await fromFd(file.fd, OPTIONS);
  } catch (error) {
    throw damaged('its end is missing or was changed', error);
  }
}

async function openEncrypted(file: FileHandle, passphrase: string | undefined): Promise<ZipFile> {
  if (passphrase === undefined)
    throw new DomainError(
      'invalid',
      'passphraseNeeded',
      'This backup is encrypted. Set BACKUP_PASSPHRASE to the passphrase it was made with.',
    );
  const reader = await DecryptingReader.open(file, passphrase);
  try {
    return await fromReader(reader, reader.size, OPTIONS);
  } catch (error) {
    throw asDamaged('its directory', error);
  }
}

function readEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  return new Promise((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      entries.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (cause: Error) => reject(asDamaged('its directory', cause)));
    zip.readEntry();
  });
}

const readEntry = (zip: ZipFile, entry: Entry): Promise<Readable> =>
  new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) =>
      error === null ? resolve(stream) : reject(asDamaged(entry.fileName, error)),
    );
  });

async function readManifest(zip: ZipFile, entry: Entry | undefined, path: string): Promise<Manifest> {
  if (entry === undefined) throw notABackup(path);
  if (entry.uncompressedSize > MANIFEST_BYTES) throw damaged(`${MANIFEST_PART} was changed`);
  let content: Buffer;
  try {
    content = Buffer.concat(await (await readEntry(zip, entry)).toArray());
  } catch (error) {
    throw asDamaged(MANIFEST_PART, error);
  }
  // Nothing else vouches for the manifest of a backup that is not encrypted.
  if (crc32(content) !== entry.crc32) throw damaged(`${MANIFEST_PART} was changed`);
  const json = parse(content, path);
  if (typeof json.format === 'number' && json.format > FORMAT) throw newer(String(json.version));
  const { success, data } = Manifest.safeParse(json);
  if (!success) throw notABackup(path);
  return data;
}

function parse(content: Buffer, path: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(content.toString('utf8'))) as Record<string, unknown>;
  } catch {
    throw notABackup(path);
  }
}

/** The failure of a backup that a later version made. */
export const newer = (version: string): DomainError =>
  new DomainError(
    'invalid',
    'backupNewer',
    `This backup was made by version ${version}, which is newer than this one. Install that version or a later one, then restore.`,
  );

const notABackup = (path: string): DomainError =>
  new DomainError('invalid', 'notABackup', `${path} is not a backup of Polyrelay.`);

/** What a reader of zips says about a file, in words that help. */
const asDamaged = (part: string, error: unknown): DomainError =>
  error instanceof DomainError ? error : damaged(`${part} cannot be read (${messageOf(error)})`, error);
