import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

export interface IssuedCertificate {
  /** PEM. */
  cert: string;
  /** PEM, PKCS 8. */
  key: string;
}

export interface TestAuthority {
  caCert: string;
  /** @param options names for a server; `rsa` for a thing, which signs tokens with its key (FlashLex section 2) */
  issue(name: string, options?: { dns?: string[]; ip?: string[]; rsa?: boolean }): Promise<IssuedCertificate>;
}

const keyPem = async (key: webcrypto.CryptoKey): Promise<string> => {
  const base64 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
};

const newKeys = (kind: typeof algorithm | typeof RSA = algorithm) =>
  webcrypto.subtle.generateKey(kind, true, ['sign', 'verify']);

/** A certificate authority that lives as long as the test. EC P-256, valid for a day around now. */
export const testAuthority = async (): Promise<TestAuthority> => {
  const dates = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 86_400_000) };
  const caKeys = await newKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test CA',
    keys: caKeys,
    signingAlgorithm: algorithm,
    ...dates,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });

  return {
    caCert: ca.toString('pem'),
    issue: async (name, { dns = [], ip = [], rsa = false } = {}) => {
      const keys = await newKeys(rsa ? RSA : algorithm);
      const names: x509.JsonGeneralNames = [
        ...dns.map((value) => ({ type: 'dns' as const, value })),
        ...ip.map((value) => ({ type: 'ip' as const, value })),
      ];
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${name}`,
        issuer: ca.subject,
        publicKey: keys.publicKey,
        signingKey: caKeys.privateKey,
        signingAlgorithm: algorithm,
        ...dates,
        extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
      });
      return { cert: certificate.toString('pem'), key: await keyPem(keys.privateKey) };
    },
  };
};
