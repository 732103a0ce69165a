import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { codeOf, reasonOf } from '@polyrelay/essentials';
import type { ThingConfig } from './config.js';
import { ThingError } from './errors.js';

/** The thing’s keys, read and checked. */
export interface Credentials {
  /** PEM. */
  ca: string;
  certificate: string;
  key: string;
  privateKey: KeyObject;
  x509: X509Certificate;
}

/** Reads the key files. @throws ThingError `KEYS` naming the file and what to do */
export async function readCredentials({ keys }: Pick<ThingConfig, 'keys'>): Promise<Credentials> {
  const [ca, certificate, key] = await Promise.all([
    readKey(keys.ca),
    readKey(keys.certificate),
    readKey(keys.privateKey),
  ]);
  const privateKey = parse(keys.privateKey, () => createPrivateKey(key));
  const x509 = parse(keys.certificate, () => new X509Certificate(certificate));
  parse(keys.ca, () => new X509Certificate(ca));
  if (!x509.checkPrivateKey(privateKey))
    throw new ThingError(
      'KEYS',
      `${keys.certificate} and ${keys.privateKey} do not belong together. ${NEW_ONES}`,
    );
  return { ca, certificate, key, privateKey, x509 };
}

const NEW_ONES = 'Take both from one distribution; where the private key is gone, rotate the keys first.';

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const advice =
      codeOf(cause) === 'ENOENT'
        ? `It is not there. Copy it from the distribution, or name its folder with --keys. ${NEW_ONES}`
        : reasonOf(cause);
    throw new ThingError('KEYS', `Cannot read ${path}. ${advice}`, { cause });
  }
}

function parse<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new ThingError('KEYS', `${path} is not a PEM file of its kind: ${reasonOf(cause)}. ${NEW_ONES}`, {
      cause,
    });
  }
}
