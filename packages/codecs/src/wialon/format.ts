/** Wialon Retranslator v1.0 (flespi section 5). All numbers are big-endian, but for the packet's size and doubles. */

/** The receiver's answer to a packet: this one byte. */
export const WIALON_ACKNOWLEDGEMENT = 0x11;

/** Bytes of the size in front of each packet. */
export const SIZE_BYTES = 4;
/** Least packet: an empty ident with its 0x00, time and flags. */
export const LEAST_PACKET_BYTES = 9;
/** A message of the greatest size a channel takes (1 MiB of JSON) fits, whatever is in it. */
export const MAX_WIALON_PACKET_BYTES = 4 * 1024 * 1024;

export const DATA_BLOCK = 0x0bbb;
/** Of a block: 0x0BBB and the size of what follows. */
export const BLOCK_HEAD_BYTES = 6;

export const VALUE_TYPES = { text: 1, binary: 2, int32: 3, double: 4, int64: 5 } as const;

export const POSITION_BLOCK = 'posinfo';
/** Longitude, latitude and height (doubles), speed and course (u16), satellites (u8). */
export const POSITION_BYTES = 29;

/** Names of a message’s fields that the block `posinfo` carries. */
export const POSITION_FIELDS = {
  latitude: 'position.latitude',
  longitude: 'position.longitude',
  altitude: 'position.altitude',
  speed: 'position.speed',
  direction: 'position.direction',
  satellites: 'position.satellites',
} as const;

/** Degrees, metres, km/h, degrees, count. */
export type WialonPosition = Record<keyof typeof POSITION_FIELDS, number>;

/** A value as a packet carries it; `bigint` only beyond ±(2^53 − 1). */
export type WialonValue = string | number | bigint | Uint8Array;

export type WialonBlock =
  | { kind: 'value'; name: string; hidden: boolean; value: WialonValue }
  | { kind: 'position'; hidden: boolean; position: WialonPosition }
  /** Of a block type, or with a value type, that is not of version 1.0; without a name when it has none to be known. */
  | { kind: 'unknown'; blockType: number; valueType?: number; name?: string; raw: Uint8Array };

export interface WialonPacket {
  ident: string;
  /** Seconds since 1970. */
  time: number;
  /** Bit 0: a position block is there. Not to be relied on: the public encoder always sets it. */
  flags: number;
  blocks: WialonBlock[];
}

/** What is not a packet, and where. */
export class WialonError extends Error {
  override readonly name = 'WialonError';
  /** Byte, from the beginning of the stream (or of the bytes of one packet). */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`);
    this.offset = offset;
  }
}
