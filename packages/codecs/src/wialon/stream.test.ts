import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeWialon, messageOfWialon, WialonDecoder, WialonError, type WialonPacket } from './index.js';

const wellFormed = fc.string({ unit: 'binary' }).map((text) => text.toWellFormed());
const ident = wellFormed.map((text) => text.replaceAll('\0', ''));
const fieldName = fc
  .oneof(ident, fc.constantFrom('__proto__', 'constructor', 'battery.level', 'grün'))
  .filter((name) => name !== 'ident' && name !== 'timestamp' && !name.startsWith('position.'));

const carried = fc.oneof(
  wellFormed,
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.boolean(),
  fc.uint8Array(),
);
const leftOut = fc.oneof(
  fc.constantFrom(null, undefined, Number.NaN, Number.NEGATIVE_INFINITY),
  fc.array(fc.integer()),
  fc.dictionary(fc.string(), fc.integer()),
  fc.bigInt({ min: 2n ** 63n }),
);

/** Whole ones travel as integers, which have no negative zero. */
const speedOrCourse = fc.oneof(
  fc.nat(0xffff),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
);

const position = fc.record({
  'position.latitude': fc.double({ min: -90, max: 90, noNaN: true }),
  'position.longitude': fc.double({ min: -180, max: 180, noNaN: true }),
  'position.altitude': fc.double({ noNaN: true, noDefaultInfinity: true }),
  'position.speed': speedOrCourse,
  'position.direction': speedOrCourse,
  'position.satellites': fc.oneof(fc.nat(0xff), fc.integer()),
});

const entries = (value: fc.Arbitrary<unknown>) =>
  fc.uniqueArray(fc.tuple(fieldName, value), { selector: ([name]) => name, maxLength: 8 });

const message = fc
  .tuple(ident, fc.nat(2 ** 32 - 1), fc.option(position), entries(carried))
  .map(([ident, timestamp, place, fields]) =>
    Object.fromEntries([
      ['ident', ident],
      ['timestamp', timestamp],
      ...Object.entries(place ?? {}),
      ...fields,
    ]),
  );

/** As it comes back: booleans are numbers, and integers beyond 53 bits are bigint. */
const normal = (value: unknown): unknown => {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  const beyond = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return beyond && value >= -(2 ** 63) && value < 2 ** 63 ? BigInt(value) : value;
};

/** Packets of a stream that comes in pieces. */
const decode = (pieces: readonly Uint8Array[], whole = true): WialonPacket[] => {
  const packets: WialonPacket[] = [];
  const decoder = new WialonDecoder((packet) => packets.push(packet));
  for (const piece of pieces) decoder.push(piece);
  if (whole) decoder.end();
  return packets;
};

const bytesOf = (messages: readonly Record<string, unknown>[]): Uint8Array =>
  Buffer.concat(messages.map((message) => encodeWialon(message).packet));

/** Packets until the error, and the error, of bytes that may be anything. */
const attempt = (pieces: readonly Uint8Array[]): [WialonPacket[], unknown] => {
  const packets: WialonPacket[] = [];
  const decoder = new WialonDecoder((packet) => packets.push(packet));
  try {
    for (const piece of pieces) decoder.push(piece);
    decoder.end();
    return [packets, undefined];
  } catch (error) {
    return [packets, error];
  }
};

const HELLO = encodeWialon({ ident: 'thing-1', timestamp: 7, text: 'hello', n: 1.5 }).packet;

describe('WialonDecoder', () => {
  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(message, (message) => {
        const [packet] = decode([encodeWialon(message).packet]);
        const expected = Object.entries(message).map(([name, value]) => [
          name,
          // Travels as a double, however large it is.
          name === 'position.altitude' ? value : normal(value),
        ]);
        expect(packet && messageOfWialon(packet)).toEqual(Object.fromEntries(expected));
      }),
    );
  });

  it('has nothing of what was left out, and the encoder names exactly that', () => {
    fc.assert(
      fc.property(entries(leftOut), (fields) => {
        const { packet, omitted } = encodeWialon(
          Object.fromEntries([['ident', 'a'], ['timestamp', 1], ...fields]),
        );
        expect(omitted.toSorted()).toEqual(fields.map(([name]) => name).toSorted());
        expect(decode([packet])[0]?.blocks).toEqual([]);
      }),
    );
  });

  it('gives the same wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), (messages) => {
        const bytes = bytesOf(messages);
        const whole = decode([bytes]);
        expect(whole).toHaveLength(messages.length);
        expect(decode(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
        for (let at = 0; at <= bytes.length; at += 1) {
          expect(decode([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('throws nothing but its own error, the same one wherever the stream is cut', () => {
    const changed = fc
      .tuple(message, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }))
      .map(([message, changes]) => {
        const bytes = encodeWialon(message).packet;
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes;
      });
    // Sizes that are plausible lead further in than any four bytes do.
    const framed = fc.uint8Array({ minLength: 9, maxLength: 80 }).map((bytes) => {
      const size = new Uint8Array(4);
      new DataView(size.buffer).setUint32(0, bytes.length, true);
      return Buffer.concat([size, bytes]);
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed, framed), (bytes) => {
        const [packets, error] = attempt([bytes]);
        if (error !== undefined) {
          expect(error).toBeInstanceOf(WialonError);
          expect((error as WialonError).offset).toBeLessThanOrEqual(bytes.length);
        }
        expect(attempt(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual([packets, error]);
      }),
      { numRuns: 500 },
    );
  });

  it('hands out the packets in front of a fault, and says where the fault is, again and again', () => {
    const packets: WialonPacket[] = [];
    const decoder = new WialonDecoder((packet) => packets.push(packet));
    const second = HELLO.slice();
    // The size of its first block.
    second[4 + 8 + 8 + 2] = 0xff;
    const push = () => decoder.push(Buffer.concat([HELLO, second]));
    expect(push).toThrow(`(at byte ${HELLO.length + 4 + 8 + 8})`);
    expect(packets).toHaveLength(1);
    expect(push).toThrow(WialonError);
    expect(packets).toHaveLength(1);
  });

  it('refuses a packet that says it is too big, before it is there', () => {
    const decoder = new WialonDecoder(() => undefined, { maxPacketBytes: 100 });
    expect(() => decoder.push(Uint8Array.of(101, 0, 0, 0))).toThrow('this one says 101');
    expect(() => decode([Uint8Array.of(0xff, 0xff, 0xff, 0xff)], false)).toThrow(WialonError);
    expect(() => decode([Uint8Array.of(8, 0, 0, 0)], false)).toThrow(WialonError);
  });

  it('says when the stream ends in the middle', () => {
    expect(() => decode([HELLO.subarray(0, -1)])).toThrow('ends in the middle');
    expect(decode([HELLO.subarray(0, -1)], false)).toEqual([]);
  });

  it('goes on when who takes a packet throws', () => {
    let calls = 0;
    const decoder = new WialonDecoder(() => {
      calls += 1;
      if (calls === 1) throw new Error('full');
    });
    expect(() => decoder.push(Buffer.concat([HELLO, HELLO]))).toThrow('full');
    decoder.push(new Uint8Array());
    expect(calls).toBe(2);
  });

  it('keeps blocks it does not know, raw', () => {
    const size = Uint8Array.of(9 + 1 + 8 + 6 + 5, 0, 0, 0);
    const head = Uint8Array.of(0x61, 0, 0, 0, 0, 1, 0, 0, 0, 0);
    const foreign = Uint8Array.of(0x0c, 0xcc, 0, 0, 0, 2, 7, 8);
    const type9 = Uint8Array.of(0x0b, 0xbb, 0, 0, 0, 5, 0, 9, 0x6b, 0, 42);
    const [packet] = decode([Buffer.concat([size, head, foreign, type9])]);
    expect(packet?.blocks).toEqual([
      { kind: 'unknown', blockType: 0x0ccc, raw: Uint8Array.of(7, 8) },
      { kind: 'unknown', blockType: 0x0bbb, valueType: 9, name: 'k', raw: Uint8Array.of(42) },
    ]);
    expect(packet && messageOfWialon(packet)).toEqual({ ident: 'a', timestamp: 1 });
  });
});
