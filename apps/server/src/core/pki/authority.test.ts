import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, type Identity, openAuthority } from './authority.js';

let folder: string;
let authority: Authority;
let ca: X509Certificate;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pr-pki-'));
  authority = await openAuthority(folder);
  ca = new X509Certificate(authority.caPem);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const parsed = ({ certificate }: Identity): X509Certificate => new X509Certificate(certificate);

describe('the CA', () => {
  test('is a CA, signs itself, and its key is only its owner’s', async () => {
    expect(ca.ca).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect((await stat(join(folder, 'pki', 'ca.key'))).mode & 0o777).toBe(0o600);
  });

  test('is the same after reopening, and its earlier certificates stay good', async () => {
    const before = parsed(await authority.issueClient('worker1'));
    const reopened = await openAuthority(folder);
    expect(reopened.caPem).toBe(authority.caPem);
    const after = parsed(await reopened.issueClient('worker2'));
    for (const certificate of [before, after]) expect(certificate.verify(ca.publicKey)).toBe(true);
  });
});

describe('a client certificate', () => {
  test('chains to the CA, carries the name, and is for clients alone', async () => {
    const certificate = parsed(await authority.issueClient('worker-Ä_1'));
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.subject).toBe('CN=worker-Ä_1');
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });

  test('has a key and a serial number of its own', async () => {
    const [a, b] = await Promise.all([authority.issueClient('same'), authority.issueClient('same')]);
    expect(a.privateKey).not.toBe(b.privateKey);
    expect(parsed(a).serialNumber).not.toBe(parsed(b).serialNumber);
  });
});

test('a server certificate names every host once, addresses as addresses', async () => {
  const certificate = parsed(
    await authority.issueServer(['relay.local', '192.168.1.2', '::1', 'localhost', 'relay.local']),
  );
  expect(certificate.subjectAltName?.split(', ')).toEqual([
    'DNS:relay.local',
    'IP Address:192.168.1.2',
    'IP Address:0:0:0:0:0:0:0:1',
    'DNS:localhost',
  ]);
  expect(certificate.checkHost('relay.local')).toBe('relay.local');
  expect(certificate.checkIP('192.168.1.2')).toBe('192.168.1.2');
  expect(certificate.checkHost('other.local')).toBeUndefined();
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
});

describe('mutual TLS', () => {
  /** Serves one connection. @returns the name the server saw, or the error of either side */
  async function handshake(server: Identity, client: Partial<Identity>, options: ConnectionOptions) {
    const listener = createServer({
      key: server.privateKey,
      cert: server.certificate,
      ca: authority.caPem,
      requestCert: true,
      rejectUnauthorized: true,
    });
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    const seen = new Promise<string>((resolve, reject) => {
      listener.on('secureConnection', (socket: TLSSocket) => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.on('error', () => undefined).destroy();
      });
      listener.on('tlsClientError', reject);
    });
    const socket = connect({
      host: '127.0.0.1',
      port: (listener.address() as AddressInfo).port,
      ca: authority.caPem,
      ...(client.certificate === undefined ? {} : { cert: client.certificate, key: client.privateKey }),
      ...options,
    });
    const failed = new Promise<never>((_resolve, reject) => socket.once('error', reject));
    try {
      return await Promise.race([seen, failed]);
    } finally {
      await Promise.allSettled([seen, Promise.race([failed, once(socket, 'close')])]);
      socket.destroy();
      listener.close();
    }
  }

  const server = () => authority.issueServer(['relay.local', '127.0.0.1']);

  test('the server sees the client’s name, the client the server’s host', async () => {
    const client = await authority.issueClient('worker7');
    expect(await handshake(await server(), client, { servername: 'relay.local' })).toBe('worker7');
    expect(await handshake(await server(), client, {})).toBe('worker7');
  });

  test('a client refuses a server of another name', async () => {
    const client = await authority.issueClient('worker7');
    await expect(handshake(await server(), client, { servername: 'evil.local' })).rejects.toThrow(
      /does not match certificate's altnames/,
    );
  });

  test('a server refuses a client without certificate, of another CA, or with a server certificate', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'pr-pki-'));
    const foreign = await (await openAuthority(elsewhere)).issueClient('worker7');
    await rm(elsewhere, { recursive: true, force: true });
    for (const client of [{}, foreign, await server()])
      await expect(handshake(await server(), client, {})).rejects.toThrow();
  });
});
