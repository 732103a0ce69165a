import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { messageOfWialon, WialonDecoder } from '@polyrelay/codecs/wialon';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PermanentError } from '../handler.js';
import { batchContext, messagesOf, numbered, untilTaken } from '../testing/batches.js';
import { WialonHandler } from './wialon.js';

/** A receiver of the protocol on TCP. */
let server: Server;
let received: Record<string, unknown>[];
let sockets: Socket[];
/** What is done with each packet: by default, it is acknowledged. */
let onPacket: (socket: Socket, count: number) => void;
let handler: WialonHandler;

const acknowledge = (socket: Socket): void => {
  socket.write(Uint8Array.of(0x11));
};
const make = (options: Record<string, unknown> = {}) =>
  new WialonHandler(
    WialonHandler.options.parse({
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      ...options,
    }),
  );
const numbers = () => received.map(({ n }) => n);
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

beforeEach(async () => {
  [received, sockets, onPacket] = [[], [], acknowledge];
  server = createServer((socket) => {
    sockets.push(socket);
    const decoder = new WialonDecoder((packet) => {
      received.push(messageOfWialon(packet));
      onPacket(socket, received.length);
    });
    socket.on('data', (piece) => decoder.push(piece)).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  handler = make();
});
afterEach(async () => {
  await handler.stop();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

describe('the wialon handler', () => {
  test('sends every message, in order, on one connection that is kept', async () => {
    await handler.start(batchContext());
    await handler.handle(numbered(3000), batchContext());
    await handler.handle(numbered(10, 3000), batchContext());
    expect(numbers()).toEqual(range(3010));
    expect(received[1]).toEqual({ ident: 'thing-1', timestamp: 1, n: 1 });
    expect(sockets).toHaveLength(1);
  });

  test('does not wait for one acknowledgement before the next packet, but for all of them before the end', async () => {
    let done = false;
    const waiting: Socket[] = [];
    const all = new Promise<void>((resolve) => {
      onPacket = (socket, count) => {
        waiting.push(socket);
        if (count === 500) resolve();
      };
    });
    const handling = handler.handle(numbered(500), batchContext()).then(() => {
      done = true;
    });
    await all;
    for (const socket of waiting.slice(1)) acknowledge(socket);
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(false);
    acknowledge(waiting[0] as Socket);
    await handling;
  });

  test('has no more packets on the way than its window', async () => {
    handler = make({ window: 10 });
    let [unanswered, most] = [0, 0];
    onPacket = (socket) => {
      unanswered += 1;
      most = Math.max(most, unanswered);
      setImmediate(() => {
        unanswered -= 1;
        acknowledge(socket);
      });
    };
    await handler.handle(numbered(200), batchContext());
    expect(numbers()).toEqual(range(200));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(10);
  });

  test('loses nothing when the connection is killed in the middle of a batch', async () => {
    onPacket = (socket, count) => {
      if (count === 150 || count === 400) socket.resetAndDestroy();
      else acknowledge(socket);
    };
    expect(await untilTaken(handler, numbered(300))).toBe(2);
    expect(sockets).toHaveLength(3);
    expect(numbers().slice(-300)).toEqual(range(300));
  });

  test('connects again when the receiver has closed the connection between batches', async () => {
    await handler.handle(numbered(1), batchContext());
    const [first] = sockets;
    const closed = new Promise((resolve) => first?.once('close', resolve));
    first?.destroy();
    await closed;
    await untilTaken(handler, numbered(2, 1));
    expect(numbers()).toEqual(range(3));
  });

  test('fails when no acknowledgement comes, or another answer, or too many', async () => {
    handler = make({ ackTimeout: 0.05 });
    onPacket = () => undefined;
    await expect(handler.handle(numbered(2), batchContext())).rejects.toThrow('does not answer for 0.05 s');
    handler = make();
    onPacket = (socket) => socket.write(Uint8Array.of(0x15));
    await expect(handler.handle(numbered(1), batchContext())).rejects.toThrow('answered 0x15');
    onPacket = (socket) => socket.write(Uint8Array.of(0x11, 0x11));
    await expect(handler.handle(numbered(1), batchContext())).rejects.toThrow(
      'more packets than it was sent',
    );
    onPacket = acknowledge;
    await handler.handle(numbered(1), batchContext());
  });

  test('gives up at once when it is told to, and when nobody listens', async () => {
    const abort = new AbortController();
    onPacket = () => abort.abort(new Error('enough'));
    await expect(handler.handle(numbered(1), batchContext({ signal: abort.signal }))).rejects.toThrow(
      'enough',
    );
    onPacket = acknowledge;
    await handler.handle(numbered(1), batchContext());
    await handler.stop();
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    });
    await expect(handler.start(batchContext())).rejects.toThrow(`${port}`);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  test('says once which fields have no representation, and stops at a message that cannot be sent', async () => {
    const context = batchContext();
    await handler.handle(messagesOf({ list: [1], ok: 1 }, { list: [2], none: null }), context);
    expect(context.said.map((text) => /send (.*) of/.exec(text)?.[1])).toEqual(['list', 'none']);
    expect(received).toEqual([
      { ident: 'thing-1', timestamp: 0, ok: 1 },
      { ident: 'thing-1', timestamp: 1 },
    ]);
    const bad = messagesOf({}, { ident: 'a\0b' });
    await expect(handler.handle(bad, context)).rejects.toThrow(PermanentError);
    await expect(handler.handle(bad, context)).rejects.toThrow('message 1 of the batch');
    expect(received).toHaveLength(2);
  });
});
