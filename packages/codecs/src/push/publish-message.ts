import { meaningOf, newFrame, unsigned, viewOf } from './bytes.js';
import { COMPRESSIONS, FORMATS, FRAME_TYPES, type PublishMessage, PushFrameError } from './format.js';

/** What a body has in front of its payload. */
export const MESSAGE_HEAD_BYTES = 10;

/** A block of events: header and payload in one piece, for one write. @throws RangeError numbers that are no u16 */
export function encodePublishMessage(message: PublishMessage): Uint8Array {
  const { payload } = message;
  const { frame, view } = newFrame(FRAME_TYPES.publishMessage, MESSAGE_HEAD_BYTES + payload.length);
  view.setUint16(6, unsigned('blockId', message.blockId, 16));
  view.setUint16(8, unsigned('count', message.count, 16));
  view.setUint8(10, COMPRESSIONS.indexOf(message.compression));
  view.setUint8(11, FORMATS.indexOf(message.format));
  view.setUint32(12, payload.length);
  frame.set(payload, 16);
  return frame;
}

/** @param body without the header; the payload is a part of it, not copied @throws PushFrameError */
export function decodePublishMessage(body: Uint8Array): PublishMessage {
  const view = viewOf(body);
  const size = view.getUint32(6);
  const payload = body.subarray(MESSAGE_HEAD_BYTES);
  if (size !== payload.length)
    throw new PushFrameError(
      'length',
      `A payload of ${size} bytes is announced, ${payload.length} are there`,
    );
  return {
    blockId: view.getUint16(0),
    count: view.getUint16(2),
    compression: meaningOf(COMPRESSIONS, 'compression', view.getUint8(4)),
    format: meaningOf(FORMATS, 'format', view.getUint8(5)),
    payload,
  };
}
