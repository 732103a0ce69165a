import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { encodeConnectionResponse } from '@polyrelay/codecs/push';
import { MonitorSettings } from '@polyrelay/contract';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Metrics } from '#core/metrics.js';
import { type Authority, openAuthority } from '#core/pki/authority.js';
import { PushPeer } from '../../testing/push-client.js';
import { pushFigures } from './figures.js';
import type { Block, PushSession } from './ports.js';
import { SocketSink } from './sink.js';

let authority: Authority;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pr-sink-'));
  authority = await openAuthority(folder);
  await rm(folder, { recursive: true });
});

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Both ends of a connection that has signed in, and what the sink tells the session of the monitor. */
async function connection(ackOption: 'off' | 'explicit', tls = false) {
  const identity = await authority.issueServer(['localhost']);
  const server = tls
    ? createTlsServer({ key: identity.privateKey, cert: identity.certificate })
    : createServer({ noDelay: true });
  const accepted = new Promise<Socket>((resolve) =>
    server.once(tls ? 'secureConnection' : 'connection', resolve),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address() as { port: number };
  const peer = new PushPeer(address.port, tls ? authority.caPem : undefined);
  const socket = await accepted;
  socket.on('error', () => undefined).resume();
  const monitor = {
    ...MonitorSettings.parse({ topic: 'DeviceCore', ackOption }),
    id: 1,
    ownerId: '',
    signingSecret: '',
    createdAt: new Date(),
  };
  const told: string[] = [];
  const session: PushSession = {
    monitor,
    delivered: (blockId) => told.push(`delivered ${blockId}`) > 0,
    failed: (blockId, error) => told.push(`failed ${blockId}: ${error}`),
    close: async () => void told.push('closed'),
  };
  const metrics = new Metrics();
  const figures = pushFigures(
    metrics,
    () => 0,
    () => 0,
  );
  const sink = new SocketSink(socket, { monitor, figures, onEnd: () => undefined });
  sink.attach(session);
  socket.write(encodeConnectionResponse(200));
  await peer.answer();
  closing.push(async () => {
    await peer.close();
    socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
  return { peer, socket, sink, told, metrics };
}

const block = (blockId: number, payload = Buffer.from(`{"block":${blockId}}`)): Block => ({
  seq: blockId,
  blockId,
  count: 1,
  firstPlace: blockId,
  lastPlace: blockId,
  payload,
  attempts: 0,
});

describe.each([
  ['without encryption', false],
  ['over TLS', true],
])('%s', (_, tls) => {
  test('blocks given at once are read one by one: each is a write, and a record, of its own', async () => {
    const { peer, sink, told } = await connection('off', tls);
    for (let id = 1; id <= 50; id++) sink.send(block(id));
    await peer.until(() => peer.blocks.length === 50);
    expect(peer.blocks.map(({ blockId }) => blockId)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    await expect.poll(() => told).toHaveLength(50);
    // Bytes of several writes may be read together without TLS: the records of TLS cannot.
    if (tls) expect(peer.reads.length).toBe(51);
  });

  test('a reader that never reads holds what was written to the window, and has stalled after its time', async () => {
    const { peer, sink, told, socket } = await connection('off', tls);
    peer.socket.pause();
    const payload = Buffer.alloc(1024 * 1024);
    for (let id = 1; id <= 12; id++) sink.send(block(id, payload));
    await expect.poll(() => socket.writableLength).toBeGreaterThan(0);
    // One frame waits in the socket; the others are one payload.
    await expect.poll(() => socket.writableLength).toBeLessThan(1.1 * payload.length);
    await new Promise((later) => setTimeout(later, 50));
    expect(told.length).toBeLessThan(12);
    expect(sink.isStalled(performance.now(), 60_000)).toBe(false);
    expect(sink.isStalled(performance.now() + 61_000, 60_000)).toBe(true);
    peer.socket.resume();
    await expect.poll(() => told).toHaveLength(12);
    expect(sink.isStalled(Number.POSITIVE_INFINITY, 60_000)).toBe(false);
  });
});

describe('with explicit acknowledgement', () => {
  test('a block is delivered once it is acknowledged with 200, and other acknowledgements are counted', async () => {
    const { peer, sink, told, metrics } = await connection('explicit');
    for (const id of [1, 2, 3]) sink.send(block(id));
    await peer.until(() => peer.blocks.length === 3);
    expect(told).toEqual([]);
    for (const [blockId, status] of [
      [2, 200],
      [2, 200],
      [9, 200],
      [1, 500],
      // Said once more it is counted, and told of no more.
      [1, 500],
      [1, 200],
    ] as const)
      sink.acknowledge({ blockId, status });
    expect(told).toEqual(['delivered 2', 'failed 1: The client answered with status 500.', 'delivered 1']);
    const text = await metrics.registry.metrics();
    expect(text).toContain('polyrelay_push_acknowledgements_total{outcome="unknown"} 2');
    expect(text).toContain('polyrelay_push_frames_total 3');
    // Block 3 is out.
    expect(sink.isStalled(performance.now() + 61_000, 60_000)).toBe(true);
    await sink.close();
    expect(told.at(-1)).toBe('closed');
  });

  test('what is queued and not written cannot be acknowledged', async () => {
    const { peer, sink, told } = await connection('explicit');
    peer.socket.pause();
    const payload = Buffer.alloc(8 * 1024 * 1024);
    for (const id of [1, 2]) sink.send(block(id, payload));
    sink.acknowledge({ blockId: 2, status: 200 });
    expect(told).toEqual([]);
  });
});

test('without it acknowledgements say nothing, whatever they name', async () => {
  const { peer, sink, told } = await connection('off');
  sink.send(block(1));
  await peer.until(() => peer.blocks.length === 1);
  await expect.poll(() => told).toEqual(['delivered 1']);
  sink.acknowledge({ blockId: 1, status: 200 });
  sink.acknowledge({ blockId: 2, status: 500 });
  expect(told).toEqual(['delivered 1']);
});
