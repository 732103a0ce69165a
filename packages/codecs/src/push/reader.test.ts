import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  encodeConnectionRequest,
  encodeConnectionResponse,
  encodePublishMessage,
  encodePublishMessageReceived,
  FrameReader,
  type PushFrame,
  PushFrameError,
} from './index.js';

const u16 = fc.nat(0xffff);
const text = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .map((text) => text.toWellFormed())
  .filter((text) => Buffer.byteLength(text) <= 256);

const request = fc.record({ username: text, password: text, monitorId: fc.nat(2 ** 32 - 1) });
const received = fc.record({ blockId: fc.integer({ min: 1, max: 0xffff }), status: u16 });
const message = fc.record({
  blockId: u16,
  count: u16,
  compression: fc.constantFrom('none' as const, 'zlib' as const),
  format: fc.constantFrom('json' as const, 'xml' as const),
  payload: fc.uint8Array({ maxLength: 2000 }),
});

/** As published clients write it. */
const short = ({ blockId, status }: { blockId: number; status: number }): Uint8Array => {
  const frame = encodePublishMessageReceived({ blockId, status });
  return Buffer.concat([frame.subarray(0, 2), frame.subarray(6)]);
};

/** A stream as either end gets it, and the frames in it. */
const toServer = fc
  .tuple(request, fc.array(fc.tuple(received, fc.boolean()), { maxLength: 20 }))
  .map(([first, rest]) => ({
    end: 'server' as const,
    bytes: Buffer.concat([
      encodeConnectionRequest(first),
      ...rest.map(([frame, isShort]) => (isShort ? short(frame) : encodePublishMessageReceived(frame))),
    ]),
    frames: [
      { type: 'connectionRequest', ...first },
      ...rest.map(([frame]) => ({ type: 'publishMessageReceived', ...frame })),
    ],
  }));
const toClient = fc.tuple(u16, fc.array(message, { maxLength: 5 })).map(([status, rest]) => ({
  end: 'client' as const,
  bytes: Buffer.concat([encodeConnectionResponse(status), ...rest.map(encodePublishMessage)]),
  frames: [
    { type: 'connectionResponse', status, version: 1 },
    ...rest.map((frame) => ({ type: 'publishMessage', ...frame, payload: Buffer.from(frame.payload) })),
  ],
}));
const stream = fc.oneof(toServer, toClient);

/** Where a stream is cut. */
const pieces = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 });

function* cut(bytes: Uint8Array, sizes: readonly number[]): Iterable<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

function readAll(end: 'server' | 'client', parts: Iterable<Uint8Array>): PushFrame[] {
  const frames: PushFrame[] = [];
  const reader = new FrameReader(end, (frame) =>
    frames.push(frame.type === 'publishMessage' ? { ...frame, payload: Buffer.from(frame.payload) } : frame),
  );
  for (const part of parts) reader.push(part);
  reader.end();
  return frames;
}

describe('a stream of frames', () => {
  it('gives the same frames however it comes in pieces', () => {
    fc.assert(
      fc.property(stream, pieces, ({ end, bytes, frames }, sizes) => {
        expect(readAll(end, cut(bytes, sizes))).toEqual(frames);
      }),
    );
  });

  it('cut at every byte gives the same frames', () => {
    const [one] = fc.sample(
      toServer.filter(({ frames }) => frames.length > 4),
      { numRuns: 1, seed: 1 },
    );
    const [two] = fc.sample(
      toClient.filter(({ frames }) => frames.length > 2),
      { numRuns: 1, seed: 1 },
    );
    for (const { end, bytes, frames } of [one, two].flatMap((stream) => stream ?? [])) {
      for (let at = 0; at <= bytes.length; at++)
        expect(readAll(end, [bytes.subarray(0, at), bytes.subarray(at)])).toEqual(frames);
      expect(readAll(end, cut(bytes, [1]))).toEqual(frames);
    }
  });

  it('that ends in the middle of a frame says so', () => {
    const frame = encodeConnectionRequest({ username: 'a', password: 'b', monitorId: 1 });
    for (let at = 1; at < frame.length; at++)
      expect(() => readAll('server', [frame.subarray(0, at)])).toThrow(PushFrameError);
  });
});

/** The fault of a stream; undefined: there is none. */
function faultOf(end: 'server' | 'client', ...parts: Uint8Array[]): string | undefined {
  const reader = new FrameReader(end, () => undefined, { maxPayloadBytes: 1000 });
  try {
    for (const part of parts) reader.push(part);
    return undefined;
  } catch (error) {
    if (!(error instanceof PushFrameError)) throw error;
    expect(() => reader.push(Buffer.alloc(1))).toThrow(error);
    expect(() => reader.end()).toThrow(error);
    return error.fault;
  }
}

const signIn = encodeConnectionRequest({ username: 'alice', password: 's3cret', monitorId: 7 });
const welcome = encodeConnectionResponse(200);
const block = encodePublishMessage({
  blockId: 1,
  count: 1,
  compression: 'none',
  format: 'json',
  payload: Buffer.from('{}'),
});
const withU32 = (frame: Uint8Array, at: number, value: number): Buffer => {
  const changed = Buffer.from(frame);
  changed.writeUInt32BE(value >>> 0, at);
  return changed;
};
const withByte = (frame: Uint8Array, at: number, value: number): Buffer => {
  const changed = Buffer.from(frame);
  changed[at] = value;
  return changed;
};

describe('what is not a frame is refused', () => {
  test.each([0, -1, 2 ** 31, 2 ** 32 - 1, 9, 523, signIn.length - 7])(
    'a request that says it has %d bytes',
    (length) => expect(faultOf('server', withU32(signIn, 2, length))).toBe('length'),
  );
  test.each([0, -1, 2 ** 31, 2 ** 32 - 1, 9, 1011])('a block that says it has %d bytes', (length) =>
    expect(faultOf('client', welcome, withU32(block, 2, length))).toBe('length'),
  );
  test.each([0, 3, 5, 2 ** 32 - 1])('an answer that says it has %d bytes', (length) =>
    expect(faultOf('client', withU32(welcome, 2, length))).toBe('length'),
  );
  test.each([0, 1, 3, 2 ** 32 - 1])('a payload that says it has %d bytes', (size) =>
    expect(faultOf('client', welcome, withU32(block, 12, size))).toBe('length'),
  );
  test.each([
    ['type 0', withByte(signIn, 1, 0), 'type'],
    ['type 0x0101', withByte(signIn, 0, 1), 'type'],
    ['version 0', withByte(signIn, 7, 0), 'version'],
    ['a name that is longer than the frame', withByte(signIn, 9, 200), 'length'],
    ['a name of 257 bytes', withByte(signIn, 8, 1), 'length'],
    ['a password that is longer than the frame', withByte(signIn, 16, 12), 'length'],
    ['a name that is not UTF-8', withByte(signIn, 10, 0xff), 'text'],
    ['half a character at the end of the password', withByte(signIn, 22, 0xc3), 'text'],
  ])('a request with %s', (_, frame, fault) => expect(faultOf('server', frame)).toBe(fault));
  test.each([
    ['compression 2', withByte(block, 10, 2), 'value'],
    ['format 2', withByte(block, 11, 2), 'value'],
  ])('a block with %s', (_, frame, fault) => expect(faultOf('client', welcome, frame)).toBe(fault));
  test('frames out of their order', () => {
    expect(faultOf('server', encodePublishMessageReceived({ blockId: 1, status: 200 }))).toBe('type');
    expect(faultOf('server', signIn, signIn)).toBe('type');
    expect(faultOf('server', signIn, block)).toBe('type');
    expect(faultOf('client', block)).toBe('type');
    expect(faultOf('client', welcome, welcome)).toBe('type');
  });
  test('text and numbers that no frame can hold', () => {
    const long = 'é'.repeat(129);
    expect(() => encodeConnectionRequest({ username: long, password: '', monitorId: 1 })).toThrow(RangeError);
    for (const monitorId of [-1, 1.5, 2 ** 32, Number.NaN])
      expect(() => encodeConnectionRequest({ username: '', password: '', monitorId })).toThrow(RangeError);
    expect(() => encodePublishMessageReceived({ blockId: 65_536, status: 200 })).toThrow(RangeError);
  });
});

test('it holds no more than what came of one frame', () => {
  const reader = new FrameReader('server', () => undefined);
  reader.push(signIn.subarray(0, signIn.length - 1));
  expect(reader.pending).toBe(signIn.length - 1);
  reader.push(signIn.subarray(signIn.length - 1));
  // A megabyte of acknowledgements, and the beginning of one.
  const acknowledgement = encodePublishMessageReceived({ blockId: 1, status: 200 });
  reader.push(Buffer.concat([...new Array(100_000).fill(acknowledgement), acknowledgement.subarray(0, 7)]));
  expect(reader.pending).toBe(7);
});

test('100,000 frames with wrong bytes end in frames or an error of their own', { timeout: 30_000 }, () => {
  // A generator of its own: quick, and the same each time.
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const faults = new Set<string | undefined>();
  for (let i = 0; i < 100_000; i++) {
    const isServer = i % 2 === 0;
    const bytes = Buffer.from(isServer ? signIn : block);
    for (let n = random(4); n > 0; n--) bytes[random(bytes.length)] = random(256);
    const end = random(bytes.length + 1);
    const parts = [bytes.subarray(0, end), bytes.subarray(end)];
    faults.add(faultOf(isServer ? 'server' : 'client', ...(isServer ? [] : [welcome]), ...parts));
  }
  expect([...faults].sort()).toEqual(['length', 'text', 'type', 'value', 'version', undefined]);
});
