import { PushPeer } from '@polyrelay/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PushClient } from './client.js';

let peer: PushPeer;
let client: PushClient;
beforeEach(async () => {
  peer = await PushPeer.start();
  client = new PushClient({ url: peer.url, username: peer.username, password: peer.password });
});
afterEach(() => peer.close());

const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => ({ code: error.code, message: error.message }),
  );

test('makes, finds, shows and deletes', async () => {
  expect(await client.findMonitor('DeviceCore')).toBeUndefined();
  const id = await client.createMonitor({
    topics: ['DeviceCore[U]', 'DataPoint'],
    batchSize: 5,
    batchDuration: 0,
    compression: 'gzip',
    formatType: 'xml',
    ackOption: 'explicit',
    autoReplayOnConnect: true,
    description: 'a < b & c',
    fields: { monSchemaType: 'handlebars' },
  });
  expect(peer.monitors.get(id)).toEqual({
    monTopic: 'DeviceCore[U],DataPoint',
    monBatchSize: '5',
    monBatchDuration: '0',
    monFormatType: 'xml',
    monTransportType: 'tcp',
    monCompression: 'gzip',
    monAckOption: 'explicit',
    monAutoReplayOnConnect: 'true',
    monDescription: 'a &lt; b &amp; c',
    monSchemaType: 'handlebars',
  });
  const found = await client.findMonitor(['DeviceCore[U]', 'DataPoint']);
  expect(found).toMatchObject({ id, topics: 'DeviceCore[U],DataPoint', status: 'INACTIVE' });
  expect(await client.getMonitor(id)).toEqual(found);
  expect([await client.deleteMonitor(id), await client.deleteMonitor(id)]).toEqual([true, false]);
  expect(await client.getMonitor(id)).toBeUndefined();
});

test('what is left out is left to the service', async () => {
  const id = await client.createMonitor({ topics: 'DeviceCore' });
  expect(peer.monitors.get(id)).toEqual({ monTopic: 'DeviceCore', monTransportType: 'tcp' });
});

test('servers differ: the location in the header or the body, one item alone, numbers', async () => {
  peer.faults.push((response) => void response.writeHead(201, { location: 'https://x/ws/Monitor/7' }).end());
  expect(await client.createMonitor({ topics: 'A' })).toBe(7);
  const body = '<result>\n<location>Monitor/8</location></result>';
  peer.faults.push((response) => void response.writeHead(201).end(body));
  expect(await client.createMonitor({ topics: 'A' })).toBe(8);
  const one = { resultSize: 1, items: { monId: 9, monTopic: 'A' } };
  peer.faults.push((response) => void response.end(JSON.stringify(one)));
  expect(await client.findMonitor('A')).toMatchObject({ id: 9 });
});

test('a topic with a quote is looked for page by page', async () => {
  const pages = [
    { remainingSize: '1', items: [{ monId: '1', monTopic: 'A' }] },
    { remainingSize: '0', items: [{ monId: '2', monTopic: "[group=it's]A" }] },
  ];
  for (const page of pages) peer.faults.push((response) => void response.end(JSON.stringify(page)));
  expect(await client.findMonitor("[group=it's]A")).toMatchObject({ id: 2 });
  expect(peer.calls).toEqual([
    'GET /ws/Monitor/.json?start=0&size=1000',
    'GET /ws/Monitor/.json?start=1000&size=1000',
  ]);
});

test('a refusal says what to do', async () => {
  expect(await refusalOf(client.createMonitor({ topics: 'Nonsense' }))).toEqual({
    code: 'REFUSED',
    message: expect.stringContaining('Invalid monTopic specified'),
  });
  const stranger = new PushClient({ url: peer.url, username: 'bob', password: 'guess' });
  const refusal = await refusalOf(stranger.findMonitor('DeviceCore'));
  expect(refusal).toEqual({ code: 'REFUSED', message: expect.stringContaining('Are both right?') });
  expect(refusal?.message).not.toContain('guess');
  peer.faults.push((response) => void response.writeHead(302, { location: 'https://other/' }).end());
  expect(await refusalOf(client.deleteMonitor(1))).toEqual({
    code: 'REFUSED',
    message: expect.stringContaining('https://other/'),
  });
  peer.faults.push((response) => void response.end('<html>'));
  expect(await refusalOf(client.getMonitor(1))).toMatchObject({ code: 'PROTOCOL' });
  peer.faults.push((response) => void response.writeHead(503).end('{"error":["busy"]}'));
  expect(await refusalOf(client.getMonitor(1))).toEqual({
    code: 'UNAVAILABLE',
    message: `${peer.url} answers 503 busy`,
  });
  await peer.down();
  expect(await refusalOf(client.getMonitor(1))).toEqual({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('Does the service run'),
  });
});

test.each([
  [{ url: 'ftp://a', username: 'a', password: 'b' }, 'https:// or http://'],
  [{ url: 'nothing', username: 'a', password: 'b' }, 'not an address'],
  [{ url: 'http://a:b@c', username: 'a', password: 'b' }, 'user or password in it'],
  [{ username: 'a', password: 'b' }, 'there is no address'],
  [{ host: 'a:80', username: 'a', password: 'b' }, 'a port goes to'],
  [{ host: 'a', port: 70_000, username: 'a', password: 'b' }, 'from 1 to 65535'],
  [{ host: 'a', username: 'a:b', password: 'b' }, 'HTTP Basic'],
  [{ host: 'a', username: 'a', password: '' }, 'the password is empty'],
  [{ host: 'a', username: 'a', password: 'ä'.repeat(129) }, '258 bytes: 256 are possible'],
])('settings that do not fit: %j', (options, message) => {
  expect(() => new PushClient(options)).toThrow(message);
});

test('an IPv6 host', () => {
  for (const host of ['::1', '[::1]'])
    expect(new PushClient({ host, username: 'a', password: 'b' })).toBeInstanceOf(PushClient);
});
