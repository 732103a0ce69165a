import { generateKeyPair, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';

const newKeyPair = promisify(generateKeyPair);

/** Keys and certificate of a thing, PEM; `certificateId` is the certificate's SHA-256 in hex. */
export interface ThingKeys {
  privateKey: string;
  publicKey: string;
  certificate: string;
  certificateId: string;
}

/** RSA-2048 (FlashLex section 2): 150 ms of work, in a thread of its own. */
export async function makeKeys({ authority }: FastifyInstance, name: string): Promise<ThingKeys> {
  const { privateKey, publicKey } = await newKeyPair('rsa', {
    modulusLength: 2048,
    // As AWS IoT gave them to FlashLex.
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const certificate = await authority.certifyClient(name, publicKey);
  return { privateKey, publicKey, certificate, certificateId: certificateIdOf(certificate) };
}

const certificateIdOf = (pem: string): string =>
  new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();

/** What the encrypted private key is bound to. */
export const privateKeyPlace = (id: string): string => `things.private_key:${id}`;
