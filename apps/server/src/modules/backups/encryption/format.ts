import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { DomainError } from '#core/errors.js';

/**
 * An encrypted backup: a header of {@link HEADER_BYTES} (`magic (8), log2 N u8, r u8, p u8, salt (16), check (16)`),
 * then chunks of {@link CHUNK_BYTES}, the last one shorter or as long, each followed by its tag. The key comes from
 * the passphrase by scrypt, new for each file by its salt. A chunk's nonce is its number and whether it is the last,
 * its additional data the header: so chunks cannot be changed, moved, left out or added (the STREAM construction of
 * Hoang, Reyhanitabar, Rogaway and Vizár, 2015), and any one of them can be read without those before it.
 */
export const MAGIC = Buffer.from('POLYRBK1', 'latin1');
export const CHUNK_BYTES = 64 * 1024;
export const TAG_BYTES = 16;
export const HEADER_BYTES = 8 + 3 + 16 + 16;

const PARAMETERS_AT = 8;
const SALT_AT = 11;
const CHECK_AT = 27;

/** 32 MiB and about a third of a second a guess (OWASP's second choice, for less memory at the same cost). */
const COST = { logN: 15, r: 8, p: 3 };

/** More than this a file may not ask for: its header is read before anything proves who wrote it. */
const MAX_MEMORY = 512 * 1024 * 1024;
const MAX_P = 16;

/** A file's header with the key it leads to. */
export interface Sealing {
  header: Buffer;
  key: Buffer;
}

/** Makes the header and key of a new file. */
export async function newSealing(passphrase: string): Promise<Sealing> {
  const start = Buffer.concat([MAGIC, Buffer.of(COST.logN, COST.r, COST.p), randomBytes(16)]);
  const { key, check } = await derive(passphrase, start);
  return { header: Buffer.concat([start, check]), key };
}

/**
 * The key of a file with this header.
 * @throws DomainError `wrongPassphrase`, or `notABackup` when the header cannot be one
 */
export async function openSealing(passphrase: string, header: Buffer): Promise<Sealing> {
  const { key, check } = await derive(passphrase, header.subarray(0, CHECK_AT));
  if (!check.equals(header.subarray(CHECK_AT)))
    throw new DomainError(
      'invalid',
      'wrongPassphrase',
      'BACKUP_PASSPHRASE is not the passphrase of this backup. Set it to the one it was made with.',
    );
  return { header, key };
}

/** Encrypts chunk `index`. @returns it with its tag behind */
export function sealChunk({ header, key }: Sealing, index: number, isLast: boolean, chunk: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(index, isLast)).setAAD(header);
  return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
}

/** Decrypts chunk `index`. @throws DomainError `backupDamaged` when it is not that chunk as it was written */
export function openChunk({ header, key }: Sealing, index: number, isLast: boolean, box: Buffer): Buffer {
  const end = box.length - TAG_BYTES;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce(index, isLast)).setAAD(header);
    decipher.setAuthTag(box.subarray(end));
    return Buffer.concat([decipher.update(box.subarray(0, end)), decipher.final()]);
  } catch (cause) {
    throw damaged(
      isLast ? 'its end is missing or was changed' : `it was changed at byte ${index * CHUNK_BYTES}`,
      cause,
    );
  }
}

/** The failure of a file that is not as it was written. */
export const damaged = (what: string, cause?: unknown): DomainError =>
  new DomainError(
    'invalid',
    'backupDamaged',
    `The backup is damaged: ${what}. Copy it again from where it was kept, or use another one.`,
    { cause },
  );

function nonce(index: number, isLast: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(index, 7);
  bytes[11] = isLast ? 1 : 0;
  return bytes;
}

/** The key, and a value in the header by which a wrong passphrase is told from a damaged file. */
async function derive(passphrase: string, start: Buffer): Promise<{ key: Buffer; check: Buffer }> {
  const [logN = 0, r = 0, p = 0] = start.subarray(PARAMETERS_AT, SALT_AT);
  const memory = 128 * 2 ** logN * r;
  if (logN < 1 || r < 1 || p < 1 || p > MAX_P || memory > MAX_MEMORY)
    throw damaged('its first bytes were changed');
  const options = { N: 2 ** logN, r, p, maxmem: memory + 128 * r * (p + 1) + 1024 * 1024 };
  const secret = await new Promise<Buffer>((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), start.subarray(SALT_AT), 48, options, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    );
  });
  return { key: secret.subarray(0, 32), check: secret.subarray(32) };
}
