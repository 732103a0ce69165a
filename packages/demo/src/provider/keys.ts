import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';

/** A signing key for this run; nothing the demo keeps is signed with it. */
export const signingKey = (): JsonWebKey & { use: 'sig'; alg: 'ES256' } => {
  const { privateKey }: { privateKey: KeyObject } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' };
};
