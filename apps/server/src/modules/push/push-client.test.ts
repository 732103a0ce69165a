import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Block, fetchCa, PushClient } from '@polyrelay/push-client';
import { buildPushClient } from '@polyrelay/push-client/build';
import { Running } from '@polyrelay/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startService, type TestService } from '../../testing/service.js';

let service: TestService;
let token: string;
let folder: string;
const clients: PushClient[] = [];

beforeAll(async () => {
  service = await startService();
  const body = { name: 'push' };
  ({ token } = await service.call<{ token: string }>('POST', '/api/access-tokens', { body, status: 201 }));
  folder = await mkdtemp(join(tmpdir(), 'pr-push-client-'));
  await buildPushClient(join(folder, 'push-client.mjs'));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.stopAll();
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

const USER = 'admin@example.org';

function newClient(settings: Partial<ConstructorParameters<typeof PushClient>[0]> = {}): PushClient {
  const client = new PushClient({
    url: service.url,
    insecure: true,
    port: service.app.push.port,
    username: USER,
    password: token,
    backoff: { firstMs: 5, maxMs: 50 },
    ...settings,
  });
  clients.push(client);
  return client;
}

let things = 0;
/** Something happens: a thing is made. @returns its id */
async function happen(): Promise<string> {
  things += 1;
  const body = { name: `thing-${things}` };
  return (await service.call<{ id: string }>('POST', '/api/things', { body, status: 201 })).id;
}

/** As frames tell of a thing. */
const connectwareId = (id: string): string =>
  (id.replaceAll('-', '').toUpperCase().match(/.{8}/g) ?? []).join('-');

test('creates, finds, receives over TLS, deletes', async () => {
  const { ca } = await fetchCa(`${service.url}/api/ca.pem`);
  const client = newClient({ insecure: false, port: service.app.push.tlsPort, host: 'localhost', ca });
  const id = await client.createMonitor({
    topics: ['DeviceCore', 'Event'],
    batchSize: 1,
    compression: 'gzip',
    ackOption: 'explicit',
  });
  expect(await client.findMonitor('DeviceCore,Event')).toMatchObject({
    id,
    fields: { monCompression: 'zlib' },
  });
  const events = client.events(id, { onSession: (session) => void session.opened.then(happen) });
  const first = (await events.next()).value as Block;
  expect([first.count, first.format]).toEqual([1, 'json']);
  const [message] = first.messages;
  expect(message?.topic).toMatch(/^\d+\/(DeviceCore|Event)\//);
  expect(message?.operation).toBe('INSERTION');
  expect(first.acknowledge()).toBe(true);
  await events.return();
  expect([await client.deleteMonitor(id), await client.getMonitor(id)]).toEqual([true, undefined]);
});

test('what was not acknowledged comes again, in order, and once acknowledged no more', async () => {
  const id = await newClient().createMonitor({
    topics: 'DeviceCore[C]',
    batchSize: 1,
    ackOption: 'explicit',
  });
  const made: string[] = [];
  const first = newClient().events(id, {
    onSession: (session) =>
      void session.opened.then(async () => {
        for (let n = 0; n < 3; n += 1) made.push(connectwareId(await happen()));
      }),
  });
  const device = (block: Block): unknown =>
    (block.messages[0]?.DeviceCore as { devConnectwareId?: string } | undefined)?.devConnectwareId;
  const seen: [number, unknown][] = [];
  for await (const block of first) {
    seen.push([block.blockId, device(block)]);
    if (seen.length === 1) block.acknowledge();
    if (seen.length === 3) break;
  }
  expect(seen.map(([, one]) => one)).toEqual(made);
  const again: [number, unknown][] = [];
  for await (const block of newClient({ acknowledgement: 'short' }).events(id)) {
    again.push([block.blockId, device(block)]);
    block.acknowledge();
    if (again.length === 2) break;
  }
  expect(again).toEqual(seen.slice(1));
  await newClient().deleteMonitor(id);
});

test.each(['json', 'xml'] as const)('%s: the same events, with a callback', async (formatType) => {
  const client = newClient();
  const id = await client.createMonitor({ topics: 'DeviceCore[C]', batchSize: 1, formatType });
  const taken = new Promise<Block>((resolve) => {
    const session = client.session(id, (block) => {
      resolve(block);
      return true;
    });
    void session.opened.then(happen);
  });
  const block = await taken;
  expect(block.format).toBe(formatType);
  expect(block.messages[0]).toMatchObject({
    operation: 'INSERTION',
    DeviceCore: { devConnectwareId: expect.stringMatching(/^([\dA-F]{8}-){3}[\dA-F]{8}$/) },
  });
  await client.deleteMonitor(id);
});

test('refusals: a wrong password, no such monitor, a monitor that is deleted meanwhile', async () => {
  const refused = { code: 'REFUSED' };
  const stranger = newClient({ password: 'guess' });
  await expect(stranger.session(1, () => true).done).rejects.toMatchObject(refused);
  const client = newClient();
  await expect(client.session(2_000_000_000, () => true).done).rejects.toMatchObject(refused);
  await expect(client.createMonitor({ topics: 'Nonsense' })).rejects.toMatchObject(refused);
  const id = await client.createMonitor({ topics: 'DeviceCore' });
  const session = client.session(id, () => true);
  await session.opened;
  const done = expect(session.done).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('(400)'),
  });
  await newClient().deleteMonitor(id);
  await done;
});

test('the command: makes a monitor, prints, deletes it', async () => {
  const args = ['push-client.mjs', USER, '--url', service.url, '--insecure', '--raw', '-t', 'DeviceCore[C]'];
  const child = spawn(process.execPath, [...args, '--port', String(service.app.push.port)], {
    cwd: folder,
    env: { PATH: process.env.PATH, PUSH_PASSWORD: token },
  });
  const running = new Running(child);
  try {
    await running.said('listens to monitor');
    const id = await happen();
    await running.said(connectwareId(id));
    const { code, out } = await running.kill('SIGINT');
    expect([code, JSON.parse(out).operation]).toEqual([0, 'INSERTION']);
    expect(await newClient().findMonitor('DeviceCore[C]')).toBeUndefined();
  } finally {
    child.kill('SIGKILL');
  }
});
