import { describe, expect, it } from 'vitest';
import { encodeWialon, messageOfWialon, WialonDecoder, WialonError, type WialonPacket } from './index.js';

const AT = { ident: 'a', timestamp: 1 };

const packetOf = (bytes: Uint8Array): WialonPacket => {
  const packets: WialonPacket[] = [];
  new WialonDecoder((packet) => packets.push(packet)).push(bytes);
  const [packet] = packets;
  if (packet === undefined) throw new Error('no packet');
  return packet;
};

const across = (fields: Record<string, unknown>) =>
  messageOfWialon(packetOf(encodeWialon({ ...AT, ...fields }).packet));

describe('encodeWialon', () => {
  it('carries whole numbers exactly, as far as 64 bits go', () => {
    const fields = {
      a: 2 ** 31 - 1,
      b: 2 ** 31,
      c: -(2 ** 31),
      d: -(2 ** 31) - 1,
      e: 9007199254740993n,
      f: -(2n ** 63n),
      g: -0,
    };
    expect(across(fields)).toEqual({ ...AT, ...fields });
    // What JSON makes of an integer beyond 64 bits is a double.
    expect(across({ h: 2 ** 63, i: 1e300 })).toEqual({ ...AT, h: 2 ** 63, i: 1e300 });
  });

  it('names what it leaves out', () => {
    const { packet, omitted } = encodeWialon({
      ...AT,
      none: null,
      nothing: undefined,
      huge: 2n ** 63n,
      endless: Number.POSITIVE_INFINITY,
      nan: Number.NaN,
      'a\0b': 1,
      kept: true,
    });
    expect(omitted).toEqual(['none', 'nothing', 'huge', 'endless', 'nan', 'a\0b']);
    expect(messageOfWialon(packetOf(packet))).toEqual({ ...AT, kept: 1 });
  });

  it('takes the nearest time there is', () => {
    const times = [-1, 2 ** 32, 1e300, 2 ** 32 - 0.5].map((timestamp) => {
      const { packet, omitted } = encodeWialon({ ...AT, timestamp });
      return [packetOf(packet).time, omitted];
    });
    expect(times).toEqual([
      [0, ['timestamp']],
      [2 ** 32 - 1, ['timestamp']],
      [2 ** 32 - 1, ['timestamp']],
      [2 ** 32 - 1, []],
    ]);
  });

  it.each([
    { message: { timestamp: 1 }, words: '“ident”' },
    { message: { ident: 'a\0b', timestamp: 1 }, words: '“ident”' },
    { message: { ident: 'a', timestamp: '1' }, words: '“timestamp”' },
    { message: { ident: 'a', timestamp: Number.NaN }, words: '“timestamp”' },
  ])('refuses $message', ({ message, words }) => {
    expect(() => encodeWialon(message)).toThrow(WialonError);
    expect(() => encodeWialon(message)).toThrow(words);
  });

  it('rounds what the position block cannot hold, and gives it in full beside', () => {
    const fields = {
      'position.latitude': -33.9,
      'position.longitude': 151.2,
      'position.speed': 12.5,
      'position.direction': 359.7,
      'position.satellites': 300,
      'position.valid': true,
    };
    const packet = packetOf(encodeWialon({ ...AT, ...fields }).packet);
    expect(packet.blocks[0]).toEqual({
      kind: 'position',
      hidden: true,
      position: { latitude: -33.9, longitude: 151.2, altitude: 0, speed: 13, direction: 0, satellites: 255 },
    });
    expect(messageOfWialon(packet)).toEqual({
      ...AT,
      ...fields,
      'position.altitude': 0,
      'position.valid': 1,
    });
  });

  it.each([
    { 'position.latitude': 50 },
    { 'position.latitude': 91, 'position.longitude': 0.5 },
    { 'position.latitude': 50, 'position.longitude': 181, 'position.speed': 3 },
  ])('makes no position block of %j', (fields) => {
    const packet = packetOf(encodeWialon({ ...AT, ...fields }).packet);
    expect(packet.blocks.map(({ kind }) => kind)).not.toContain('position');
    expect(messageOfWialon(packet)).toEqual({ ...AT, ...fields });
  });

  it('ends texts with 0x00 on demand, and when they end with one themselves', () => {
    const plain = encodeWialon({ ...AT, k: 'v' }).packet;
    const ended = encodeWialon({ ...AT, k: 'v' }, { terminateText: true }).packet;
    expect(ended.length).toBe(plain.length + 1);
    expect(ended.at(-1)).toBe(0);
    expect(messageOfWialon(packetOf(ended))).toEqual({ ...AT, k: 'v' });
    expect(across({ k: 'v\0' })).toEqual({ ...AT, k: 'v\0' });
  });
});
