import {
  BLOCK_HEAD_BYTES,
  DATA_BLOCK,
  POSITION_BLOCK,
  POSITION_FIELDS,
  SIZE_BYTES,
  VALUE_TYPES,
  WialonError,
  type WialonPosition,
} from './format.js';
import { Writer } from './writer.js';

export interface WialonEncoderOptions {
  /**
   * Ends texts with 0x00, as the specification has it. Without it they end with their block, as the public encoder
   * writes them: what receives should take both.
   */
  terminateText?: boolean;
}

export interface EncodedMessage {
  packet: Uint8Array;
  /** Fields that have no representation, or (`timestamp`) not one of this value. */
  omitted: string[];
}

const INT32 = 2 ** 31;
const INT64 = 2 ** 63;
const U32_MAX = 2 ** 32 - 1;
/** Bit 0, whether or not a position block follows: so do the vectors. */
const FLAGS = 1;

const finite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/**
 * A message as one packet. Texts are text; whole numbers int32 or int64, others double; booleans int32 0 and 1; bytes
 * binary. The position is the block `posinfo` when latitude and longitude are there: its parts that are missing are 0,
 * and those that do not fit it as they are (a speed of 12.5) are rounded in it and follow as a block of their own.
 * Whole seconds only; a time before 1970 or after 2106 becomes the nearest there is, and is named in `omitted`.
 * @throws WialonError for an `ident` that is no text or holds 0x00, and a `timestamp` that is no number
 */
export function encodeWialon(
  message: Readonly<Record<string, unknown>>,
  options: WialonEncoderOptions = {},
): EncodedMessage {
  const writer = new Writer();
  const omitted: string[] = [];
  writer.u32(0);
  writeHead(writer, message, omitted);
  const position = positionOf(message);
  const carried = position === undefined ? undefined : writePosition(writer, position, message);
  for (const [name, value] of Object.entries(message)) {
    if (name === 'ident' || name === 'timestamp' || carried?.has(name)) continue;
    const writeValue = name.includes('\0') ? undefined : representation(value, options);
    if (writeValue === undefined) omitted.push(name);
    else writeBlock(writer, name, 0, writeValue);
  }
  writer.putU32(0, writer.length - SIZE_BYTES, true);
  return { packet: writer.finish(), omitted };
}

function writeHead(
  writer: Writer,
  { ident, timestamp }: Readonly<Record<string, unknown>>,
  omitted: string[],
): void {
  if (typeof ident !== 'string') throw new WialonError('A message needs an “ident” that is a text', 0);
  if (ident.includes('\0'))
    throw new WialonError('The “ident” must not hold the character 0', ident.indexOf('\0'));
  if (!finite(timestamp)) throw new WialonError('A message needs a “timestamp” that is a number', 0);
  const seconds = Math.floor(timestamp);
  const time = Math.min(Math.max(seconds, 0), U32_MAX);
  if (time !== seconds) omitted.push('timestamp');
  writer.text(ident);
  writer.u8(0);
  writer.u32(time);
  writer.u32(FLAGS);
}

type WriteValue = readonly [type: number, write: (writer: Writer) => void];

function representation(value: unknown, { terminateText }: WialonEncoderOptions): WriteValue | undefined {
  if (typeof value === 'string') return textOf(value, terminateText ?? false);
  if (typeof value === 'boolean') return [VALUE_TYPES.int32, (writer) => writer.i32(value ? 1 : 0)];
  if (value instanceof Uint8Array) return [VALUE_TYPES.binary, (writer) => writer.bytes(value)];
  if (typeof value === 'bigint') {
    return BigInt.asIntN(64, value) === value ? wholeOf(Number(value), value) : undefined;
  }
  if (!finite(value)) return undefined;
  const whole = Number.isInteger(value) && !Object.is(value, -0) && value >= -INT64 && value < INT64;
  return whole ? wholeOf(value) : [VALUE_TYPES.double, (writer) => writer.double(value)];
}

/** A text that itself ends with 0x00 gets another: what reads it takes one away. */
const textOf = (value: string, terminate: boolean): WriteValue => [
  VALUE_TYPES.text,
  (writer) => {
    writer.text(value);
    if (terminate || value.endsWith('\0')) writer.u8(0);
  },
];

const wholeOf = (value: number, exact?: bigint): WriteValue =>
  value >= -INT32 && value < INT32
    ? [VALUE_TYPES.int32, (writer) => writer.i32(value)]
    : [VALUE_TYPES.int64, (writer) => writer.i64(exact ?? BigInt(value))];

function writeBlock(writer: Writer, name: string, hidden: 0 | 1, [type, write]: WriteValue): void {
  const start = writer.length;
  writer.u16(DATA_BLOCK);
  writer.u32(0);
  writer.u8(hidden);
  writer.u8(type);
  writer.text(name);
  writer.u8(0);
  write(writer);
  writer.putU32(start + 2, writer.length - start - BLOCK_HEAD_BYTES);
}

/** As the block carries it; undefined without a place on earth. */
function positionOf(message: Readonly<Record<string, unknown>>): WialonPosition | undefined {
  const field = (name: keyof WialonPosition): number | undefined => {
    const value = message[POSITION_FIELDS[name]];
    return finite(value) ? value : undefined;
  };
  const [latitude, longitude] = [field('latitude'), field('longitude')];
  if (latitude === undefined || Math.abs(latitude) > 90) return undefined;
  if (longitude === undefined || Math.abs(longitude) > 180) return undefined;
  return {
    latitude,
    longitude,
    altitude: field('altitude') ?? 0,
    speed: unsigned(field('speed') ?? 0, 0xffff),
    direction: course(field('direction') ?? 0),
    satellites: unsigned(field('satellites') ?? 0, 0xff),
  };
}

const unsigned = (value: number, max: number): number => Math.min(Math.max(Math.round(value), 0), max);

/** What is no whole number of degrees, or out of bounds, is brought onto the circle. */
const course = (value: number): number =>
  Number.isInteger(value) && value >= 0 && value <= 0xffff
    ? value
    : Math.round(((value % 360) + 360) % 360) % 360;

/** @returns names of the fields that are in it as they are */
function writePosition(
  writer: Writer,
  position: WialonPosition,
  message: Readonly<Record<string, unknown>>,
): Set<string> {
  writeBlock(writer, POSITION_BLOCK, 1, [
    VALUE_TYPES.binary,
    (block) => {
      block.double(position.longitude);
      block.double(position.latitude);
      block.double(position.altitude);
      block.u16(position.speed);
      block.u16(position.direction);
      block.u8(position.satellites);
    },
  ]);
  const names = Object.keys(POSITION_FIELDS) as (keyof WialonPosition)[];
  return new Set(
    names
      .filter((name) => message[POSITION_FIELDS[name]] === position[name])
      .map((name) => POSITION_FIELDS[name]),
  );
}
