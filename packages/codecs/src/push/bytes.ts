import { HEADER_BYTES, PushFrameError } from './format.js';

/** A view of bytes that may begin anywhere in their memory. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** A frame of a type with an empty body of so many bytes. */
export function newFrame(type: number, bodyBytes: number): { frame: Uint8Array; view: DataView } {
  const frame = new Uint8Array(HEADER_BYTES + bodyBytes);
  const view = viewOf(frame);
  view.setUint16(0, type);
  view.setUint32(2, bodyBytes);
  return { frame, view };
}

/** A number that must fit so many bits, unsigned. @throws RangeError */
export function unsigned(name: string, value: number, bits: 16 | 32): number {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** bits) return value;
  throw new RangeError(`“${name}” is a whole number from 0 to ${2 ** bits - 1}, not ${value}`);
}

/** What a number on the wire stands for. @throws PushFrameError */
export function meaningOf<T>(names: readonly T[], what: string, value: number): T {
  const name = names[value];
  if (name === undefined) throw new PushFrameError('value', `There is no ${what} ${value}`);
  return name;
}
