import { createHash, X509Certificate } from 'node:crypto';
import { PushError } from './errors.js';
import { call } from './rest.js';

/** What was fetched, to be named as `ca`. */
export interface FetchedCa {
  /** PEM. */
  ca: string;
  /** SHA-256 of the certificate, in pairs of hexadecimal digits. */
  fingerprint: string;
}

/**
 * Fetches a service's own CA once, such as `https://push.example.org/api/ca.pem`. Over plain HTTP anybody on the way
 * could send another one: then the fingerprint must be known, or the service be on this computer.
 * @param options `fingerprint`: SHA-256 of the certificate, colons and case do not matter
 * @throws PushError `USAGE`, `UNTRUSTED` where the fingerprint is another, `UNAVAILABLE`, `REFUSED`
 */
export async function fetchCa(
  address: string,
  { fingerprint, timeoutMs = 30_000 }: { fingerprint?: string; timeoutMs?: number } = {},
): Promise<FetchedCa> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new PushError(
      'USAGE',
      `“${address}” is not an address such as https://push.example.org/api/ca.pem`,
    );
  const { status, text } = await call(url, { timeoutMs });
  if (status !== 200)
    throw new PushError(status >= 500 ? 'UNAVAILABLE' : 'REFUSED', `${address} answers ${status}`);
  const found = { ca: text, fingerprint: fingerprintOf(address, text) };
  if (fingerprint !== undefined && plain(fingerprint) !== plain(found.fingerprint))
    throw new PushError(
      'UNTRUSTED',
      `the CA of ${address} is another one: its fingerprint is ${found.fingerprint}, not ${fingerprint}. Is that the service you mean?`,
    );
  if (fingerprint === undefined && url.protocol === 'http:' && !isHere(url.hostname))
    throw new PushError(
      'UNTRUSTED',
      `${address} is not encrypted, so the CA could be anybody’s. Its fingerprint is ${found.fingerprint}: ` +
        'compare it on the service’s computer, then give it (--ca-fingerprint)',
    );
  return found;
}

function fingerprintOf(address: string, pem: string): string {
  try {
    const { raw } = new X509Certificate(pem);
    const hex = createHash('sha256').update(raw).digest('hex').toUpperCase();
    return (hex.match(/../g) ?? []).join(':');
  } catch (cause) {
    throw new PushError('REFUSED', `${address} is not a certificate (PEM)`, { cause });
  }
}

const plain = (fingerprint: string): string => fingerprint.replace(/[^\da-f]/gi, '').toLowerCase();

/** Nobody is on the way to this computer itself. */
export const isHere = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
