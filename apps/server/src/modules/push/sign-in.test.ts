import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { encodeConnectionRequest } from '@polyrelay/codecs/push';
import { MonitorSettings } from '@polyrelay/contract';
import { pushFrameVectors } from '@polyrelay/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Metrics } from '#core/metrics.js';
import { PushPeer } from '../../testing/push-client.js';
import { ADMIN, startService, type TestService } from '../../testing/service.js';
import { LIMITS } from './limits.js';
import { PushListener } from './listener.js';

let service: TestService;
let monitorId: number;
let httpMonitorId: number;
let foreignId: number;
const request = (change: Partial<{ username: string; password: string; monitorId: number }> = {}) => ({
  username: ADMIN.email,
  password: ADMIN.password,
  monitorId,
  ...change,
});

async function makeMonitor(email: string, settings: Parameters<typeof MonitorSettings.parse>[0]) {
  const { id } = await service.app.database.prisma.user.findUniqueOrThrow({ where: { email } });
  const owner = { userId: id, email };
  return (await service.app.monitors.create(owner, MonitorSettings.parse(settings))).id;
}

beforeAll(async () => {
  // An HTTP monitor sends to this machine, where nobody takes it.
  service = await startService({ ALLOW_PRIVATE_URLS: 'true' });
  const other = { email: 'other@example.org', name: '', role: 'member', password: 'another long password' };
  await service.call('POST', '/api/users', { body: other, status: 201 });
  monitorId = await makeMonitor(ADMIN.email, { topic: 'DeviceCore' });
  httpMonitorId = await makeMonitor(ADMIN.email, {
    topic: 'DeviceCore',
    transportType: 'http',
    transportUrl: 'http://127.0.0.1:9/',
  });
  foreignId = await makeMonitor(other.email, { topic: 'DeviceCore' });
});
afterAll(() => service.close());

const open = (tls = false): PushPeer =>
  tls
    ? new PushPeer(service.app.push.tlsPort, service.app.authority.caPem)
    : new PushPeer(service.app.push.port);

/** What a request gets, once the connection was ended from the other side. */
async function refused(bytes: Uint8Array, tls = false): Promise<string> {
  const peer = open(tls).send(bytes);
  await peer.closed;
  expect(peer.reads.length).toBeLessThanOrEqual(1);
  return Buffer.concat(peer.reads).toString('hex');
}

const answer = (status: number): string =>
  pushFrameVectors().connectionResponse.find((response) => response.status === status)?.hex ?? '';

const malformed = (change: (frame: Buffer) => void): Buffer => {
  const frame = Buffer.from(encodeConnectionRequest(request()));
  change(frame);
  return frame;
};

describe.each([
  ['without encryption', false],
  ['over TLS', true],
])('%s', (_, tls) => {
  test.each([
    ['a wrong password', 403, () => encodeConnectionRequest(request({ password: 'wrong' }))],
    ['nobody', 403, () => encodeConnectionRequest(request({ username: 'nobody@example.org' }))],
    ['no name', 403, () => encodeConnectionRequest(request({ username: '' }))],
    ['a name with a NUL', 403, () => encodeConnectionRequest(request({ username: 'a\0' }))],
    ['a monitor there is not', 400, () => encodeConnectionRequest(request({ monitorId: 99_999 }))],
    ['the greatest number', 400, () => encodeConnectionRequest(request({ monitorId: 2 ** 32 - 1 }))],
    ['number 0', 400, () => encodeConnectionRequest(request({ monitorId: 0 }))],
    ['a monitor of another user', 400, () => encodeConnectionRequest(request({ monitorId: foreignId }))],
    ['a monitor over HTTP', 400, () => encodeConnectionRequest(request({ monitorId: httpMonitorId }))],
    ['another version', 400, () => malformed((frame) => frame.writeUInt16BE(2, 6))],
    ['another type', 400, () => malformed((frame) => frame.writeUInt16BE(4, 0))],
    ['length 0', 400, () => malformed((frame) => frame.writeUInt32BE(0, 2))],
    ['a negative length', 400, () => malformed((frame) => frame.writeInt32BE(-1, 2))],
    ['4 GiB', 400, () => malformed((frame) => frame.writeUInt32BE(2 ** 32 - 1, 2))],
    ['a name longer than its frame', 400, () => malformed((frame) => frame.writeUInt16BE(255, 8))],
    ['a name of 64 KiB', 400, () => malformed((frame) => frame.writeUInt16BE(0xffff, 8))],
    ['a name that is not UTF-8', 400, () => malformed((frame) => frame.writeUInt8(0xff, 10))],
    [
      'two requests at once',
      400,
      () => Buffer.concat([encodeConnectionRequest(request()), encodeConnectionRequest(request())]),
    ],
    ['HTTP', 400, () => Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ])('%s gets status %i in one read of 10 bytes, and an end', async (_what, status, bytes) => {
    expect(await refused(bytes(), tls)).toBe(answer(status));
  });
});

test('the certificate is the one of the broker’s host names, and TLS 1.1 is not spoken', async () => {
  const { app } = service;
  const options = { port: app.push.tlsPort, host: '127.0.0.1', ca: app.authority.caPem };
  const socket = connectTls({ ...options, servername: 'localhost' });
  await new Promise((connected) => socket.once('secureConnect', connected));
  const { subjectaltname = '' } = socket.getPeerCertificate();
  // The certificate has addresses of IPv6 in their long form.
  for (const host of app.endpoints.brokerHosts.filter((host) => !host.includes(':')))
    expect(subjectaltname.toLowerCase()).toContain(host);
  socket.destroy();
  const old = connectTls({
    ...options,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL:@SECLEVEL=0',
  });
  await expect(new Promise((_, reject) => old.once('error', reject))).rejects.toThrow(/protocol version/i);
});

test('a client of TLS 1.2 cannot have its keys made again and again', async () => {
  const { app } = service;
  const options = { port: app.push.tlsPort, host: '127.0.0.1', ca: app.authority.caPem };
  const socket = connectTls({ ...options, servername: 'localhost', maxVersion: 'TLSv1.2' });
  await new Promise((connected) => socket.once('secureConnect', connected));
  const refusal = new Promise((resolve) => socket.once('error', resolve));
  socket.renegotiate({}, () => undefined);
  expect(String(await refusal)).toMatch(/renegotiation/i);
  socket.destroy();
});

test('sign-in guesses are limited as on other doors, together with them', async () => {
  const guess = (password: string) =>
    open().signIn(request({ username: 'other@example.org', monitorId: foreignId, password }));
  for (let i = 0; i < 10; i++) expect(await guess(`guess ${i}`)).toBe(403);
  expect(await guess('another long password')).toBe(403);
  const body = { email: 'other@example.org', password: 'another long password' };
  await service.call('POST', '/api/session', { body, status: 429, anonymous: true });
});

test('an access token signs in by itself, whatever is guessed; one with a list of rights does not', async () => {
  const make = async (access: object) => {
    const made = await service.call<{ token: string }>('POST', '/api/access-tokens', {
      body: { name: 'push', expiresInDays: null, access },
      status: 201,
    });
    return made.token;
  };
  const acl = await make({ kind: 'acl', acl: [{ uri: 'mqtt' }] });
  expect(await refused(encodeConnectionRequest(request({ password: acl })))).toBe(answer(403));
  const standard = await make({ kind: 'standard' });
  const wrongMonitor = encodeConnectionRequest(request({ password: standard, monitorId: 99_999 }));
  expect(await refused(wrongMonitor)).toBe(answer(400));
});

describe('before sign-in', () => {
  const listenerWith = async (change: Partial<typeof LIMITS>): Promise<PushListener> => {
    // Metrics have each name once.
    const app = Object.assign(Object.create(service.app), { metrics: new Metrics() });
    const listener = new PushListener(app, { ...LIMITS, sweepMs: 20, ...change });
    await listener.start();
    return listener;
  };

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['half a request', encodeConnectionRequest(request({ monitorId: 1 })).subarray(0, 9)],
  ])('a connection that sends %s is ended', async (_what, bytes) => {
    const listener = await listenerWith({ requestMs: 100 });
    const peer = new PushPeer(listener.port).send(bytes);
    await peer.closed;
    expect(peer.reads).toEqual([]);
    await listener.stop();
  });

  test('a TLS handshake that is never finished is ended, too', async () => {
    const listener = await listenerWith({ requestMs: 100 });
    const socket = connect({ port: listener.tlsPort, host: '127.0.0.1' });
    await new Promise((closed) => socket.on('error', () => undefined).once('close', closed));
    await listener.stop();
  });

  test('connections are limited in number, and those that went make room', async () => {
    const listener = await listenerWith({ strangersOfAddress: 3 });
    const peers = [1, 2, 3].map(() => new PushPeer(listener.port));
    await Promise.all(peers.map(({ socket }) => new Promise((ready) => socket.once('connect', ready))));
    const fourth = new PushPeer(listener.port);
    await fourth.closed;
    await peers[0]?.send('nonsense').closed;
    await expect
      .poll(() => new PushPeer(listener.port).signIn(request({ monitorId: 99_999 })).catch(() => 'full'))
      .toBe(400);
    await Promise.all([...peers.map((peer) => peer.close()), listener.stop()]);
  });

  test('a port that is none is closed, the other one is not', async () => {
    const closed = await startService({ PUSH_PORT: 'none' });
    try {
      const { push, authority } = closed.app;
      const overview = await closed.call<{ push: unknown }>('GET', '/api/overview');
      expect(overview.push).toEqual({ host: 'localhost', port: null, tlsPort: push.tlsPort });
      const peer = new PushPeer(push.tlsPort, authority.caPem);
      expect(await peer.signIn(request({ monitorId: 99_999 }))).toBe(400);
      await peer.close();
    } finally {
      await closed.close();
    }
  });

  test('a port in use is an error that names the setting', async () => {
    const { app } = service;
    const config = { ...app.config, push: { ...app.config.push, port: app.push.port } };
    const listener = new PushListener(Object.assign(Object.create(app), { config, metrics: new Metrics() }));
    await expect(listener.start()).rejects.toThrow(/taken by another program.*PUSH_PORT/);
  });
});
