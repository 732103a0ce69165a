import 'reflect-metadata';
import { webcrypto } from 'node:crypto';

type CryptoKey = webcrypto.CryptoKey;
type CryptoKeyPair = webcrypto.CryptoKeyPair;

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { codeOf } from '#core/errors.js';
import { writeAtomically } from '#core/files.js';

x509.cryptoProvider.set(webcrypto as never);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** What the published SDK of things signs its tokens with. */
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;
const CLIENT = [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])];
const DAY = 86_400_000;
const CA_YEARS = 20;
/** Long, because a certificate is refused by deleting its owner, not by letting it run out in a house nobody visits. */
const CLIENT_YEARS = 10;
/** Renewed at every start of the service; browsers and strict clients refuse more. */
const SERVER_DAYS = 390;

/** A certificate with its private key, both PEM. */
export interface Identity {
  certificate: string;
  privateKey: string;
}

/**
 * The service's own certificate authority (EC P-256), kept in `DATA_DIR/pki`. It signs the broker's certificate
 * and one client certificate for each worker: its common name is the identity the broker trusts.
 */
export class Authority {
  readonly caPem: string;
  readonly #certificate: x509.X509Certificate;
  readonly #key: CryptoKey;

  constructor(certificate: x509.X509Certificate, key: CryptoKey) {
    this.#certificate = certificate;
    this.#key = key;
    this.caPem = certificate.toString('pem');
  }

  /** A certificate a client proves `commonName` with, and its key. */
  issueClient(commonName: string): Promise<Identity> {
    return this.#issue(commonName, CLIENT_YEARS * 365, CLIENT);
  }

  /** The same for a client that has a key pair: `publicKey` is the public one (PEM, SPKI, RSA). @returns PEM */
  async certifyClient(commonName: string, publicKey: string): Promise<string> {
    const [spki] = x509.PemConverter.decode(publicKey);
    const key = await webcrypto.subtle.importKey('spki', spki ?? new ArrayBuffer(0), RSA, true, ['verify']);
    return this.#certify(commonName, CLIENT_YEARS * 365, key, CLIENT);
  }

  /** A server certificate for `hosts` (names and addresses). */
  issueServer(hosts: string[]): Promise<Identity> {
    const names = [...new Set(hosts)].map((host): { type: 'ip' | 'dns'; value: string } => ({
      type: /^[\d.]+$|:/.test(host) ? 'ip' : 'dns',
      value: host,
    }));
    return this.#issue(names[0]?.value ?? 'localhost', SERVER_DAYS, [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names),
    ]);
  }

  /** A list of certificates that are refused (CRL). It does not run out: a broker would refuse everybody then. */
  async revocationList(revocations: { serial: string; revokedAt: Date }[]): Promise<string> {
    const list = await x509.X509CrlGenerator.create({
      issuer: this.#certificate.subject,
      entries: revocations.map(({ serial, revokedAt }) => ({
        serialNumber: serial,
        revocationDate: revokedAt,
      })),
      // Clocks differ.
      thisUpdate: new Date(Date.now() - DAY),
      nextUpdate: new Date(Date.now() + CA_YEARS * 365 * DAY),
      signingAlgorithm: ALGORITHM,
      signingKey: this.#key,
    });
    // The library's own label is one that OpenSSL does not know.
    return x509.PemConverter.encode(list.rawData, 'X509 CRL');
  }

  async #issue(commonName: string, days: number, extensions: x509.Extension[]): Promise<Identity> {
    const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
    return {
      certificate: await this.#certify(commonName, days, keys.publicKey, extensions),
      privateKey: await exportKey(keys.privateKey),
    };
  }

  async #certify(
    commonName: string,
    days: number,
    publicKey: CryptoKey,
    extensions: x509.Extension[],
  ): Promise<string> {
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [{ CN: [commonName] }],
      issuer: this.#certificate.subject,
      notBefore: new Date(Date.now() - DAY),
      notAfter: new Date(Date.now() + days * DAY),
      signingAlgorithm: ALGORITHM,
      publicKey,
      signingKey: this.#key,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        ...extensions,
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate),
      ],
    });
    return certificate.toString('pem');
  }
}

/** Opens the authority of a data folder; makes it on the first start. */
export async function openAuthority(dataDir: string): Promise<Authority> {
  const folder = join(dataDir, 'pki');
  const certificatePath = join(folder, 'ca.pem');
  const keyPath = join(folder, 'ca.key');
  try {
    const [certificate, key] = await Promise.all([
      readFile(certificatePath, 'utf8'),
      readFile(keyPath, 'utf8'),
    ]);
    return new Authority(new x509.X509Certificate(certificate), await importKey(key));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['Polyrelay CA'] }],
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + CA_YEARS * 365 * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await mkdir(folder, { recursive: true });
  await writeAtomically(keyPath, await exportKey(keys.privateKey), 0o600);
  await writeAtomically(certificatePath, certificate.toString('pem'));
  return new Authority(certificate, keys.privateKey);
}

/** SHA-256 of a certificate in lower-case hex, of Node's form of it (`AB:CD:…`). */
export const fingerprintOf = ({ fingerprint256 }: { fingerprint256: string }): string =>
  fingerprint256.replaceAll(':', '').toLowerCase();

async function exportKey(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

async function importKey(pem: string): Promise<CryptoKey> {
  const [der] = x509.PemConverter.decode(pem);
  return webcrypto.subtle.importKey('pkcs8', der ?? new ArrayBuffer(0), ALGORITHM, true, ['sign']);
}
