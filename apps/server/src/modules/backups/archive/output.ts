import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { freeBytes, LOW_DISK_BYTES } from '#core/disk.js';
import { codeOf, DomainError } from '#core/errors.js';
import { syncFolder } from '#core/files.js';
import { Encrypt } from '../encryption/encrypt.js';
import { newSealing } from '../encryption/format.js';

/** The free space is looked at whenever this much was written. */
const LOOK_EVERY_BYTES = 8 * 1024 * 1024;

/** Passes bytes on, counted and hashed. */
export class Measure extends Transform {
  bytes = 0;
  readonly #hash: Hash = createHash('sha256');

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += data.length;
    this.#hash.update(data);
    done(null, data);
  }

  /** SHA-256 of all that passed, in hex. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Passes bytes on as long as there is room: a backup must not take the space that the database needs. */
class Room extends Transform {
  bytes = 0;
  readonly #folder: string;
  #looked = -LOOK_EVERY_BYTES;

  constructor(folder: string) {
    super();
    this.#folder = folder;
  }

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += data.length;
    this.#check().then(() => done(null, data), done);
  }

  async #check(): Promise<void> {
    if (this.bytes - this.#looked < LOOK_EVERY_BYTES) return;
    this.#looked = this.bytes;
    if ((await freeBytes(this.#folder)) < LOW_DISK_BYTES) throw noRoom(this.#folder);
  }
}

/** A file that is being written beside its place. */
export interface Output {
  /** Bytes so far. */
  bytes(): number;
  /** Resolves when all was written, and is on the disk under its name. */
  done: Promise<void>;
}

/**
 * Writes a stream to `path`, readable by its owner alone: under the name `partPath` until it is whole and on the disk.
 * A failure leaves nothing behind.
 * @throws DomainError `noRoom`
 */
export async function writeOutput(
  content: NodeJS.ReadableStream,
  target: { path: string; partPath: string; passphrase: string | undefined },
  signal: AbortSignal,
): Promise<Output> {
  const folder = dirname(target.path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const sealing = target.passphrase === undefined ? undefined : await newSealing(target.passphrase);
  const room = new Room(folder);
  const write = async (): Promise<void> => {
    try {
      await rm(target.partPath, { force: true });
      const file = createWriteStream(target.partPath, { mode: 0o600, flags: 'wx', flush: true });
      await (sealing === undefined
        ? pipeline(content, room, file, { signal })
        : pipeline(content, new Encrypt(sealing), room, file, { signal }));
      await rename(target.partPath, target.path);
      await syncFolder(folder);
    } catch (error) {
      await rm(target.partPath, { force: true });
      throw codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT' ? noRoom(folder, error) : error;
    }
  };
  return { bytes: () => room.bytes, done: write() };
}

const noRoom = (folder: string, cause?: unknown): DomainError =>
  new DomainError(
    'unavailable',
    'noRoom',
    `There is no room for a backup in ${folder}: ${LOW_DISK_BYTES / 1024 / 1024} MiB are always left free. Free some space, keep fewer (BACKUP_KEEP), or set BACKUP_DIR to another disk.`,
    { cause },
  );
