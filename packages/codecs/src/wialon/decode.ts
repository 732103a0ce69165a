import {
  BLOCK_HEAD_BYTES,
  DATA_BLOCK,
  LEAST_PACKET_BYTES,
  POSITION_BLOCK,
  POSITION_BYTES,
  VALUE_TYPES,
  type WialonBlock,
  WialonError,
  type WialonPacket,
  type WialonPosition,
  type WialonValue,
} from './format.js';

/** Bytes that are no UTF-8 become U+FFFD: the public encoder cuts texts in the middle of a character. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * One packet, without its size.
 * @param offset of the packet in its stream, for the position of errors
 * @throws WialonError
 */
export function decodeWialonPacket(bytes: Uint8Array, offset = 0): WialonPacket {
  if (bytes.length < LEAST_PACKET_BYTES) {
    throw new WialonError(
      `A packet has at least ${LEAST_PACKET_BYTES} bytes, this one ${bytes.length}`,
      offset,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.indexOf(0);
  if (end < 0 || end + 9 > bytes.length) {
    throw new WialonError('The ident must end with 0x00 before time and flags', offset);
  }
  const blocks: WialonBlock[] = [];
  for (let at = end + 9; at < bytes.length; ) {
    if (bytes.length - at < BLOCK_HEAD_BYTES) {
      throw new WialonError('The packet ends in the head of a block', offset + at);
    }
    const size = view.getUint32(at + 2);
    const start = at + BLOCK_HEAD_BYTES;
    if (size > bytes.length - start) {
      throw new WialonError(
        `A block of ${size} bytes does not fit the ${bytes.length - start} that are left of its packet`,
        offset + at,
      );
    }
    const content = bytes.subarray(start, start + size);
    const blockType = view.getUint16(at);
    blocks.push(
      blockType === DATA_BLOCK
        ? dataBlock(content, offset + start)
        : { kind: 'unknown', blockType, raw: content.slice() },
    );
    at = start + size;
  }
  return {
    ident: utf8.decode(bytes.subarray(0, end)),
    time: view.getUint32(end + 1),
    flags: view.getUint32(end + 5),
    blocks,
  };
}

function dataBlock(content: Uint8Array, offset: number): WialonBlock {
  const end = content.indexOf(0, 2);
  if (end < 0) throw new WialonError('The name of a block must end with 0x00', offset);
  const name = utf8.decode(content.subarray(2, end));
  const hidden = content[0] !== 0;
  const valueType = content[1] ?? 0;
  const raw = content.subarray(end + 1);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  if (valueType === VALUE_TYPES.binary && name === POSITION_BLOCK && raw.length === POSITION_BYTES) {
    return { kind: 'position', hidden, position: positionOf(view) };
  }
  const value = readValue(valueType, raw, view, offset + end + 1);
  return value === undefined
    ? { kind: 'unknown', blockType: DATA_BLOCK, valueType, name, raw: raw.slice() }
    : { kind: 'value', name, hidden, value };
}

/** @returns undefined for a type that is not of this version */
function readValue(type: number, raw: Uint8Array, view: DataView, offset: number): WialonValue | undefined {
  const need = (...sizes: number[]): void => {
    if (sizes.includes(raw.length)) return;
    throw new WialonError(
      `A value of type ${type} has ${sizes.join(' or ')} bytes, this one ${raw.length}`,
      offset,
    );
  };
  switch (type) {
    case VALUE_TYPES.text:
      // With and without the 0x00 at the end: the public encoder leaves it out.
      return utf8.decode(raw.at(-1) === 0 ? raw.subarray(0, -1) : raw);
    case VALUE_TYPES.binary:
      return raw.slice();
    case VALUE_TYPES.int32:
      // Of 8 bytes: a 64-bit integer of the public encoder.
      need(4, 8);
      return raw.length === 8 ? int64(view) : view.getInt32(0);
    case VALUE_TYPES.double:
      need(8);
      return view.getFloat64(0, true);
    case VALUE_TYPES.int64:
      need(8);
      return int64(view);
    default:
      return undefined;
  }
}

function int64(view: DataView): number | bigint {
  const value = view.getBigInt64(0);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const positionOf = (view: DataView): WialonPosition => ({
  longitude: view.getFloat64(0, true),
  latitude: view.getFloat64(8, true),
  altitude: view.getFloat64(16, true),
  speed: view.getUint16(24),
  direction: view.getUint16(26),
  satellites: view.getUint8(28),
});
