import { once } from 'node:events';
import { createServer } from 'node:net';
import { deflateSync } from 'node:zlib';
import { blockFrame, PushPeer, pushFrameVectors, responseFrame } from '@polyrelay/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Block } from './block.js';
import { PushClient } from './client.js';
import type { PushClientOptions } from './settings.js';

const vectors = pushFrameVectors();
const [vector] = vectors.publishMessage;
const MONITOR = 178_007;

let peer: PushPeer;
const clients: PushClient[] = [];
beforeEach(async () => {
  peer = await PushPeer.start();
  peer.monitors.set(MONITOR, { monTopic: 'DeviceCore' });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.stopAll();
  await peer.close();
});

function newClient(options: Partial<PushClientOptions> = {}): PushClient {
  const client = new PushClient({
    url: peer.url,
    port: peer.port,
    insecure: true,
    username: peer.username,
    password: peer.password,
    backoff: { firstMs: 1, maxMs: 5 },
    ...options,
  });
  clients.push(client);
  return client;
}

/** What a session ends with. */
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => ({ code: error.code, message: error.message }),
  );

test('signs in, hands out and acknowledges with the very bytes', async () => {
  const blocks: Block[] = [];
  const session = newClient().session(MONITOR, async (block) => {
    blocks.push(block);
    return true;
  });
  await session.opened;
  const connection = await peer.connection(0);
  expect(connection.request).toEqual({
    version: 1,
    username: 'alice',
    password: 's3cret',
    monitorId: MONITOR,
  });
  const written: Buffer[] = [];
  connection.socket.on('data', (piece) => written.push(piece));
  connection.socket.write(Buffer.from(vector?.hex ?? '', 'hex'));
  await peer.until(() => connection.acknowledged.length === 1);
  expect(Buffer.concat(written).toString('hex')).toBe(vectors.publishMessageReceived[0]?.hex);
  expect(blocks[0]).toMatchObject({
    monitorId: MONITOR,
    blockId: 1,
    count: 1,
    format: 'json',
    text: vector?.payload,
  });
  expect(blocks[0]?.messages).toEqual([JSON.parse(vector?.payload ?? '').Document.Msg]);
  expect(session.isOpen).toBe(true);
});

test('the short form of acknowledgements', async () => {
  newClient({ acknowledgement: 'short' }).session(MONITOR, () => true);
  const connection = await peer.connection(0);
  const written: Buffer[] = [];
  connection.socket.on('data', (piece) => written.push(piece));
  connection.send({ blockId: 1, payload: '{}' });
  await peer.until(() => connection.acknowledged.length === 1);
  expect(Buffer.concat(written).toString('hex')).toBe(vectors.publishMessageReceived[1]?.hex);
});

test('frames cut at every byte are the same blocks', async () => {
  const frames = Buffer.concat([
    responseFrame(200),
    Buffer.from(vector?.hex ?? '', 'hex'),
    blockFrame({ blockId: 2, payload: deflateSync('<a>1</a>'), compression: 1, format: 0 }),
    blockFrame({ blockId: 65_535, payload: '' }),
  ]);
  peer.answer = () => undefined;
  const seen: string[] = [];
  for (let cut = 1; cut < frames.length; cut += 1) {
    const connected = peer.connection(cut - 1);
    const session = newClient().session(MONITOR, ({ blockId, text }) => {
      seen.push(`${cut} ${blockId} ${text.length}`);
      return true;
    });
    const { socket, acknowledged } = await connected;
    socket.setNoDelay(true);
    await new Promise((resolve) => socket.write(frames.subarray(0, cut), resolve));
    socket.write(frames.subarray(cut));
    await peer.until(() => acknowledged.length === 3);
    session.close();
    await session.done;
  }
  const each = [`1 ${vector?.payload.length}`, '2 8', '65535 0'];
  expect(seen).toEqual(
    Array.from({ length: frames.length - 1 }, (_, n) => each.map((one) => `${n + 1} ${one}`)).flat(),
  );
});

test('a connection cut at every byte of a frame: the next one goes on', async () => {
  const frame = Buffer.from(vector?.hex ?? '', 'hex');
  let taken = 0;
  const session = newClient().session(MONITOR, () => {
    taken += 1;
    return true;
  });
  const reasons = new Set<string>();
  session.on('lost', ({ message }) => reasons.add(message.replace(/^.*: /, '')));
  for (let cut = 0; cut < frame.length; cut += 7) {
    const { socket } = await peer.connection(cut / 7);
    socket.end(frame.subarray(0, cut));
  }
  const last = await peer.connection(Math.ceil(frame.length / 7));
  last.socket.write(frame);
  await peer.until(() => last.acknowledged.length === 1);
  expect(taken).toBe(1);
  expect([...reasons].sort()).toEqual([
    'The stream ends in the middle of a frame',
    'the connection was closed',
  ]);
});

test.each([
  ['another type', '000500000004000100c8', 'type 3 is due here, not 5'],
  ['a second response', '00020000000400c80001', 'type 3 is due here, not 2'],
  ['length 0', '000300000000', 'this one says 0'],
  ['length 4 GiB', '0003ffffffff', 'this one says 4294967295'],
  ['a negative length', '000380000000', 'this one says 2147483648'],
  ['more than allowed', '000300002000', 'this one says 8192'],
  ['two lengths', '00030000000b00010001000100000000aa', 'A payload of 0 bytes is announced, 1 are there'],
  ['a compression there is not', '00030000000a00010001070100000000', 'no compression 7'],
  ['a format there is not', '00030000000a00010001000700000000', 'no format 7'],
  ['no zlib', '00030000000b000100010101' + '00000001aa', 'is no zlib stream'],
])('a wrong frame ends the session, and says so: %s', async (_, hex, message) => {
  const client = newClient({ maxBlockBytes: 4096 });
  const session = client.session(MONITOR, () => true);
  const connection = await peer.connection(0);
  connection.socket.write(Buffer.from(hex, 'hex'));
  expect(await failureOf(session.done)).toEqual({
    code: 'PROTOCOL',
    message: expect.stringContaining(message),
  });
  await peer.until(() => connection.closed);
  expect(peer.connections).toHaveLength(1);
});

test('a small block that unpacks to a great one is refused', async () => {
  const session = newClient({ maxBlockBytes: 4096 }).session(MONITOR, () => true);
  const { send } = await peer.connection(0).then((one) => ({ send: one.send.bind(one) }));
  send({ blockId: 3, payload: deflateSync(Buffer.alloc(4097)), compression: 1 });
  expect(await failureOf(session.done)).toEqual({
    code: 'PROTOCOL',
    message: 'block 3 cannot be unpacked: it has more than 4096 bytes',
  });
});

test.each([
  [403, 'Are user name and password right?'],
  [400, 'refuses monitor 178007 (400)'],
])('a refusal with %d is final, and says what to do', async (status, message) => {
  peer.answer = () => responseFrame(status);
  const client = newClient();
  const session = client.session(MONITOR, () => true);
  const refusal = { code: 'REFUSED', message: expect.stringContaining(message) };
  expect(await failureOf(session.opened)).toEqual(refusal);
  expect(await failureOf(session.done)).toEqual(refusal);
  expect(await failureOf(client.events(MONITOR).next())).toEqual(refusal);
  expect(peer.connections).toHaveLength(2);
});

test('what answers in another language is named', async () => {
  const other = createServer(
    (socket) => void socket.on('error', () => {}).write('220 mail.example.org ESMTP\r\n'),
  );
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  try {
    const session = newClient({ port }).session(MONITOR, () => true);
    expect(await failureOf(session.done)).toEqual({
      code: 'PROTOCOL',
      message: expect.stringContaining('Is this the push port of the service?'),
    });
  } finally {
    other.close();
  }
});

test('it waits for an answer only so long, and tries again', async () => {
  peer.answer = () => undefined;
  const session = newClient({ timeoutMs: 30 }).session(MONITOR, () => true);
  const [why] = await once(session, 'lost');
  expect(why.message).toContain('no answer in time');
  peer.answer = () => responseFrame(200);
  await session.opened;
  session.close();
  await session.done;
  await peer.until(() => peer.connections.every(({ closed }) => closed));
});

test('a service that is away is waited for; what waits for the consumer is kept', async () => {
  const client = newClient();
  await peer.down();
  const seen: number[] = [];
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const session = client.session(MONITOR, async ({ blockId }) => {
    await held;
    seen.push(blockId);
    return true;
  });
  const [why] = await once(session, 'lost');
  expect(why.message).toContain('Does the service run');
  await peer.up();
  const first = await peer.connection(0);
  for (const blockId of [1, 2, 3]) first.send({ blockId, payload: '{}' });
  first.socket.end();
  const second = await peer.connection(1);
  second.send({ blockId: 4, payload: '{}' });
  release();
  await peer.until(() => second.acknowledged.length === 1);
  expect(seen).toEqual([1, 2, 3, 4]);
  // A block is acknowledged where it came from, or not at all.
  expect(second.acknowledged).toEqual([{ blockId: 4, status: 200, short: false }]);
});

test('only true acknowledges; a callback that fails is told, and the session goes on', async () => {
  const answers = [() => 'yes', () => undefined, () => Promise.reject(new Error('no luck')), () => true];
  const session = newClient().session(MONITOR, () => answers.shift()?.());
  const fault = once(session, 'fault');
  const connection = await peer.connection(0);
  for (const blockId of [1, 2, 3, 4]) connection.send({ blockId, payload: '{}' });
  const [error, block] = await fault;
  expect([error.message, block.blockId]).toEqual(['no luck', 3]);
  await peer.until(() => connection.acknowledged.length > 0);
  expect(connection.acknowledged.map(({ blockId }) => blockId)).toEqual([4]);
  session.reconnect();
  expect((await peer.connection(1)).request?.monitorId).toBe(MONITOR);
});

test('a consumer that is behind holds up the service, and loses nothing', async () => {
  const client = newClient();
  const events = client.events(MONITOR);
  const first = events.next();
  const connection = await peer.connection(0);
  const payload = Buffer.alloc(64 * 1024, ' ').fill('{}', 0, 2);
  connection.send({ blockId: 1, payload });
  expect((await first).value?.blockId).toBe(1);
  // Until the system's buffers are full: the peer's own memory is used only then.
  let sent = 1;
  while (connection.socket.writableLength < 1024 * 1024 && sent < 2000) {
    sent += 1;
    connection.send({ blockId: sent, payload });
    await new Promise(setImmediate);
  }
  expect(sent).toBeLessThan(2000);
  for (let blockId = 2; blockId <= sent; blockId += 1) {
    const block = (await events.next()).value;
    expect([block?.blockId, block?.payload.length]).toEqual([blockId, payload.length]);
    if (blockId === sent) block?.acknowledge();
  }
  await peer.until(() => connection.acknowledged.length === 1);
  await events.return();
});

test('leaving the loop closes the session, with the last acknowledgement out', async () => {
  const client = newClient();
  const served = peer.connection(0).then((connection) => {
    for (const blockId of [1, 2, 3]) connection.send({ blockId, payload: vector?.payload ?? '' });
    return connection;
  });
  for await (const block of client.events(MONITOR)) {
    expect(block.acknowledge()).toBe(true);
    // Once is enough.
    expect(block.acknowledge()).toBe(true);
    if (block.blockId === 2) break;
  }
  const connection = await served;
  await peer.until(() => connection.closed);
  expect(connection.acknowledged.map(({ blockId }) => blockId)).toEqual([1, 2]);
});

test('several sessions in one client; all are stopped, the callback under way to its end', async () => {
  peer.monitors.set(2, {}).set(3, {});
  const client = newClient();
  const seen: string[] = [];
  let begun = (): void => {};
  const busy = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = client.session(MONITOR, async () => {
    begun();
    await held;
    return true;
  });
  const others = [2, 3].map((id) => client.session(id, ({ text }) => void seen.push(`${id} ${text}`)));
  await Promise.all([slow, ...others].map(({ opened }) => opened));
  await peer.until(() => peer.connections.filter(({ request }) => request !== undefined).length === 3);
  const of = (id: number) => peer.connections.find(({ request }) => request?.monitorId === id);
  of(MONITOR)?.send({ blockId: 9, payload: '{}' });
  of(2)?.send({ blockId: 1, payload: 'two' });
  of(3)?.send({ blockId: 1, payload: 'three' });
  await busy;
  const loop = (async () => {
    for await (const block of client.events(2)) seen.push(`loop ${block.text}`);
  })();
  (await peer.connection(3)).send({ blockId: 1, payload: 'two' });
  await expect.poll(() => seen.toSorted()).toEqual(['2 two', '3 three', 'loop two']);
  const stopped = client.stopAll();
  release();
  await stopped;
  await loop;
  await peer.until(() => peer.connections.every(({ closed }) => closed));
  expect(of(MONITOR)?.acknowledged).toEqual([{ blockId: 9, status: 200, short: false }]);
});

test('closed before it was opened', async () => {
  await peer.down();
  const session = newClient({ backoff: { firstMs: 60_000, maxMs: 60_000 } }).session(MONITOR, () => true);
  await once(session, 'lost');
  session.close();
  await session.done;
  expect(await failureOf(session.opened)).toMatchObject({ code: 'UNAVAILABLE' });
});
