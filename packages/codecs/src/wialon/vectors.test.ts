import { wialonVectors } from '@polyrelay/testkit';
import { describe, expect, it } from 'vitest';
import { encodeWialon, messageOfWialon, WialonDecoder, type WialonPacket } from './index.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const encode = (messages: Record<string, unknown>[]): string =>
  messages.map((message) => hex(encodeWialon(message).packet)).join('');

const decode = (text: string): WialonPacket[] => {
  const packets: WialonPacket[] = [];
  const decoder = new WialonDecoder((packet) => packets.push(packet));
  decoder.push(Buffer.from(text, 'hex'));
  decoder.end();
  return packets;
};

/**
 * Where the public encoder is wrong: what it writes, and what the specification says. Everything else must be as it is
 * in the vectors. (That it has no position block does not show: no vector has a position.)
 */
const FAULTS: { fault: string; theirs: string; ours: string }[] = [
  {
    fault: 'a 64-bit integer has type 5, not 3',
    theirs: `0bbb0000000e0003${hex(Buffer.from('big\0'))}000000012a05f200`,
    ours: `0bbb0000000e0005${hex(Buffer.from('big\0'))}000000012a05f200`,
  },
  {
    fault: 'sizes count bytes, not characters: the text keeps its end',
    theirs: `0bbb000000080001${hex(Buffer.from('u\0grü'))}`,
    ours: `0bbb000000090001${hex(Buffer.from('u\0grün'))}`,
  },
  // The packet grows by that byte.
  { fault: 'and so the packet is one byte longer', theirs: '2900000061000000', ours: '2a00000061000000' },
];

describe('vectors of the public encoder of Wialon Retranslator', () => {
  const vectors = wialonVectors();

  it.each(vectors.map((vector, index) => ({ ...vector, index })))(
    '$index is encoded',
    ({ messages, hex }) => {
      const expected = FAULTS.reduce((text, { theirs, ours }) => text.replace(theirs, ours), hex);
      expect(encode(messages)).toBe(expected);
    },
  );

  it.each(FAULTS)('shows that $fault', ({ theirs }) => {
    expect(vectors.filter(({ hex }) => hex.includes(theirs))).toHaveLength(1);
  });

  it('differs nowhere but there', () => {
    const same = vectors.map(({ messages, hex }) => encode(messages) === hex);
    expect(same).toEqual([true, true, false, false, true]);
  });

  it('leaves out what has no representation, and says so', () => {
    const { messages } = vectors[3] ?? { messages: [] };
    expect(encodeWialon(messages[0] ?? {}).omitted).toEqual(['nested', 'list', 'none']);
  });

  it('reads what the public encoder writes, faults and all', () => {
    const messages = vectors.map(({ hex }) => decode(hex).map(messageOfWialon));
    expect(messages).toEqual([
      [{ ident: '352848024123388', timestamp: 1489765431 }],
      [{ ident: 'thing-1', timestamp: 1700000000, text: 'hello' }],
      [{ ident: 'thing-1', timestamp: 1700000000, temperature: 21.5, count: 7, big: 5000000000, neg: -3 }],
      [{ ident: 'a', timestamp: 1, flag: 1, u: 'grü' }],
      [
        { ident: 'a', timestamp: 1, k: 'v' },
        { ident: 'b', timestamp: 2, k: 1 },
      ],
    ]);
  });
});

describe('example of the specification', () => {
  const EXAMPLE =
    '74000000333533393736303133343435343835004b0bfb70000000030bbb000000270102706f73696e666f00a027afdf5d9848403ac7253383dd4b400000000000805a40003601460b0bbb0000001200047077725f657874002b8716d9ce973b400bbb00000011010361766c5f696e707574730000000001';

  it('is read: position, voltage, inputs', () => {
    const [packet] = decode(EXAMPLE);
    expect(packet).toMatchObject({ ident: '353976013445485', time: 1259076464, flags: 3 });
    expect(packet?.blocks).toEqual([
      {
        kind: 'position',
        hidden: true,
        position: {
          longitude: 49.1903648,
          latitude: 55.7305664,
          altitude: 106,
          speed: 54,
          direction: 326,
          satellites: 11,
        },
      },
      { kind: 'value', name: 'pwr_ext', hidden: false, value: 27.593 },
      { kind: 'value', name: 'avl_inputs', hidden: true, value: 1 },
    ]);
  });

  it('is written the same: the position block byte for byte', () => {
    const { packet, omitted } = encodeWialon({
      ident: '353976013445485',
      timestamp: 1259076464,
      'position.latitude': 55.7305664,
      'position.longitude': 49.1903648,
      'position.altitude': 106,
      'position.speed': 54,
      'position.direction': 326,
      'position.satellites': 11,
      pwr_ext: 27.593,
    });
    expect(omitted).toEqual([]);
    const [head, position, voltage] = [EXAMPLE.slice(8, 48), EXAMPLE.slice(56, 146), EXAMPLE.slice(146, 194)];
    expect(hex(packet)).toBe(`5d000000${head}00000001${position}${voltage}`);
  });
});
