import { once } from 'node:events';
import { blockFrame, PushPeer, type TestAuthority, testAuthority } from '@polyrelay/testkit';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { fetchCa } from './ca.js';
import { PushClient } from './client.js';

const MONITOR = 7;
let authority: TestAuthority;
let peer: PushPeer;
let client: PushClient | undefined;
beforeAll(async () => {
  authority = await testAuthority();
});
beforeEach(async () => {
  const tls = await authority.issue('push', { ip: ['127.0.0.1'] });
  peer = await PushPeer.start({ tls, caPem: authority.caCert });
  peer.monitors.set(MONITOR, {});
});
afterEach(async () => {
  await client?.stopAll();
  await peer.close();
});

function newClient(ca: string | undefined, host = '127.0.0.1'): PushClient {
  client = new PushClient({
    url: peer.url,
    host,
    port: peer.port,
    username: peer.username,
    password: peer.password,
    backoff: { firstMs: 1, maxMs: 5 },
    ...(ca === undefined ? {} : { ca }),
  });
  return client;
}

test('a TLS session that is cut in the middle of a frame goes on with the next', async () => {
  const session = newClient(authority.caCert).session(MONITOR, () => true);
  const first = await peer.connection(0);
  const lost = once(session, 'lost');
  // The data is there before the connection is cut, without a word of TLS.
  await new Promise((resolve) =>
    first.socket.write(blockFrame({ blockId: 1, payload: '{}' }).subarray(0, 11), resolve),
  );
  first.socket.destroy();
  const [why] = await lost;
  expect(why.code).toBe('UNAVAILABLE');
  const second = await peer.connection(1);
  second.send({ blockId: 1, payload: '{}' });
  await peer.until(() => second.acknowledged.length === 1);
});

test.each([
  ['of another CA', async () => (await testAuthority()).caCert, '127.0.0.1', /--ca/],
  ['of no CA it knows', async () => undefined, '127.0.0.1', /--ca or --ca-from/],
  ['for another name', async () => authority.caCert, 'localhost', /another name/],
])('a certificate %s is not trusted', async (_, ca, host, message) => {
  const session = newClient(await ca(), host).session(MONITOR, () => true);
  await expect(session.done).rejects.toMatchObject({
    code: 'UNTRUSTED',
    message: expect.stringMatching(message),
  });
  expect(peer.connections).toHaveLength(0);
});

test('a plain port is not taken for TLS', async () => {
  const plain = await PushPeer.start();
  try {
    const session = new PushClient({
      url: plain.url,
      port: plain.port,
      username: 'a',
      password: 'b',
      timeoutMs: 200,
      backoff: { firstMs: 60_000, maxMs: 60_000 },
    }).session(MONITOR, () => true);
    const [why] = await once(session, 'lost');
    expect(why.code).toBe('UNAVAILABLE');
    session.close();
  } finally {
    await plain.close();
  }
});

test('the service’s own CA is fetched once, and pinned', async () => {
  const address = `${peer.url}/api/ca.pem`;
  const { ca, fingerprint } = await fetchCa(address);
  expect(fingerprint).toMatch(/^([\dA-F]{2}:){31}[\dA-F]{2}$/);
  expect(await fetchCa(address, { fingerprint: fingerprint.replaceAll(':', '').toLowerCase() })).toEqual({
    ca,
    fingerprint,
  });
  await expect(fetchCa(address, { fingerprint: 'AB:CD' })).rejects.toMatchObject({
    code: 'UNTRUSTED',
    message: expect.stringContaining(fingerprint),
  });
  await expect(fetchCa(`${peer.url}/ws/Monitor`)).rejects.toMatchObject({ code: 'REFUSED' });
  await expect(fetchCa('ca.pem')).rejects.toMatchObject({ code: 'USAGE' });
  const session = newClient(ca).session(MONITOR, () => true);
  await session.opened;
});

test('over plain HTTP from elsewhere the fingerprint must be known', async () => {
  // A name of this computer that does not look like one.
  const address = `http://0.0.0.0:${new URL(peer.url).port}/api/ca.pem`;
  const { fingerprint } = await fetchCa(`${peer.url}/api/ca.pem`);
  await expect(fetchCa(address)).rejects.toMatchObject({
    code: 'UNTRUSTED',
    message: expect.stringContaining(`Its fingerprint is ${fingerprint}`),
  });
  expect((await fetchCa(address, { fingerprint })).ca).toBe(authority.caCert);
});
