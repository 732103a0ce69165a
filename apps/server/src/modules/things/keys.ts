import { generateKeyPair, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import pLimit from 'p-limit';
import { fingerprintOf } from '#core/pki/authority.js';

const newKeyPair = promisify(generateKeyPair);

/** A key pair takes a thread of libuv's four for 150 ms: the others stay free for files, passwords and look-ups. */
const atMostTwo = pLimit(2);

/** Keys and certificate of a thing, PEM; `certificateId` is the certificate's SHA-256 in hex. */
export interface ThingKeys {
  privateKey: string;
  publicKey: string;
  certificate: string;
  certificateId: string;
}

/** RSA-2048 (FlashLex section 2), off the main thread. */
export async function makeKeys({ authority }: FastifyInstance, name: string): Promise<ThingKeys> {
  const { privateKey, publicKey } = await atMostTwo(() =>
    newKeyPair('rsa', {
      modulusLength: 2048,
      // As AWS IoT gave them to FlashLex.
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }),
  );
  const certificate = await authority.certifyClient(name, publicKey);
  return {
    privateKey,
    publicKey,
    certificate,
    certificateId: fingerprintOf(new X509Certificate(certificate)),
  };
}

/** What the encrypted private key is bound to. */
export const privateKeyPlace = (id: string): string => `things.private_key:${id}`;

/** How many old keys are encrypted anew at a time. */
const RESEALED_AT_ONCE = 100;

/**
 * After a rotation of the key: encrypts with the present one what an earlier one encrypted.
 * @returns how many things were touched
 */
export async function resealPrivateKeys({ database, keyring }: FastifyInstance): Promise<number> {
  // The head of a box says which key sealed it: 10,000 heads are read in the time of a few whole keys.
  const heads = await database.pool.query<{ id: string; head: Buffer }>(
    'SELECT id, substring(private_key FOR 33) AS head FROM things WHERE private_key IS NOT NULL',
  );
  const old = heads.rows.filter(({ head }) => keyring.isOld(head)).map(({ id }) => id);
  const { thing } = database.prisma;
  for (let from = 0; from < old.length; from += RESEALED_AT_ONCE) {
    const where = { id: { in: old.slice(from, from + RESEALED_AT_ONCE) } };
    for (const { id, privateKey } of await thing.findMany({
      where,
      select: { id: true, privateKey: true },
    })) {
      if (privateKey === null) continue;
      const place = privateKeyPlace(id);
      const sealed = keyring.seal(keyring.open(privateKey, place), place);
      // Not over a newer one, which another replica may have made meanwhile.
      await thing.updateMany({ where: { id, privateKey }, data: { privateKey: sealed } });
    }
  }
  return old.length;
}
