import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** An unguessable token of `bytes` random bytes, in base64url. */
export const newToken = (bytes = 32): string => randomBytes(bytes).toString('base64url');

/** What is stored of a token: its SHA-256. Enough for tokens of 128 bits and more; passwords use argon2id. */
export const hashToken = (token: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(token).digest());

/** Compares two secrets without telling by time how much of them is the same. */
export const sameSecret = (a: string, b: string): boolean => timingSafeEqual(hashToken(a), hashToken(b));
