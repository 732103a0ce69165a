import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, DomainError } from '#core/errors.js';
import { writeAtomically } from '#core/files.js';

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_BYTES = 4;
const HEADER_BYTES = 1 + KEY_ID_BYTES + IV_BYTES + TAG_BYTES;

/**
 * Encrypts secrets at rest: AES-256-GCM, one random IV a value, the place it belongs to as additional data, so
 * that a value copied to another row does not decrypt. A box is `version u8, key id (4), iv (12), tag (16), text`.
 * The first key seals; all of them open, so that a key is rotated by putting a new one in front.
 */
export class Keyring {
  readonly #keys: { id: Buffer; key: Buffer }[];

  constructor(keys: Buffer[]) {
    this.#keys = keys.map((key) => ({
      id: createHash('sha256').update(key).digest().subarray(0, KEY_ID_BYTES),
      key,
    }));
  }

  /** Encrypts `text` for the place `context` (such as `node_servers.custom_data:<id>`). */
  seal(text: string, context: string): Uint8Array<ArrayBuffer> {
    const current = this.#keys[0];
    if (current === undefined)
      throw new DomainError('internal', 'noKey', 'There is no key to encrypt secrets with.');
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', current.key, iv).setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return new Uint8Array(Buffer.concat([Buffer.of(VERSION), current.id, iv, cipher.getAuthTag(), body]));
  }

  /**
   * Decrypts what {@link seal} made for the same `context`.
   * @throws DomainError `secretUnreadable` when the key is missing or the value was changed or moved
   */
  open(box: Uint8Array, context: string): string {
    const bytes = Buffer.from(box);
    const keyId = bytes.subarray(1, 1 + KEY_ID_BYTES);
    const found = this.#keys.find(({ id }) => id.equals(keyId));
    if (bytes[0] !== VERSION || bytes.length < HEADER_BYTES || found === undefined) {
      throw unreadable(
        context,
        'the key it was encrypted with is not here; put it back behind the new one in POLYRELAY_KEY',
      );
    }
    const iv = bytes.subarray(5, 5 + IV_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', found.key, iv).setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(5 + IV_BYTES, HEADER_BYTES));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES)), decipher.final()]).toString(
        'utf8',
      );
    } catch (cause) {
      throw unreadable(context, 'it was changed, or belongs to another place', cause);
    }
  }

  /** Whether a box was sealed with a key that has been rotated away from. */
  isOld(box: Uint8Array): boolean {
    return (
      this.#keys[0] !== undefined &&
      !Buffer.from(box)
        .subarray(1, 1 + KEY_ID_BYTES)
        .equals(this.#keys[0].id)
    );
  }
}

const unreadable = (context: string, why: string, cause?: unknown): DomainError =>
  new DomainError('internal', 'secretUnreadable', `The secret ${context} cannot be read: ${why}.`, { cause });

/** The keyring of `POLYRELAY_KEY` (base64 keys), or of `DATA_DIR/secret.key`, which is made on the first start. */
export async function openKeyring(configuredKeys: string[], dataDir: string): Promise<Keyring> {
  if (configuredKeys.length > 0) return new Keyring(configuredKeys.map((key) => Buffer.from(key, 'base64')));
  const path = join(dataDir, 'secret.key');
  try {
    return new Keyring(readKeys(await readFile(path, 'utf8')));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  const key = randomBytes(32);
  await mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, `${key.toString('base64')}\n`, 0o600);
  return new Keyring([key]);
}

/** The keys of a `secret.key` file: one in base64 a line. */
export const readKeys = (text: string): Buffer[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => Buffer.from(line, 'base64'));
