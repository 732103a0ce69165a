import { newFrame, unsigned, viewOf } from './bytes.js';
import { FRAME_TYPES, type PublishMessageReceived } from './format.js';

/** Length that the body has. */
export const RECEIVED_BODY = { min: 4, max: 4 };

/**
 * An acknowledgement, in the documented form: with a length. Published clients leave it out, and the reader
 * understands both.
 * @throws RangeError numbers that are no u16
 */
export function encodePublishMessageReceived({ blockId, status }: PublishMessageReceived): Uint8Array {
  const { frame, view } = newFrame(FRAME_TYPES.publishMessageReceived, RECEIVED_BODY.max);
  view.setUint16(6, unsigned('blockId', blockId, 16));
  view.setUint16(8, unsigned('status', status, 16));
  return frame;
}

/**
 * Whether the four bytes behind the type are the length of the documented form. In the short form they are block and
 * status, and would say block 0, status 4: neither is ever sent.
 */
export const hasLength = (fourBytes: number): boolean => fourBytes === RECEIVED_BODY.max;

/** @param body block and status, of either form */
export function decodePublishMessageReceived(body: Uint8Array): PublishMessageReceived {
  const view = viewOf(body);
  return { blockId: view.getUint16(0), status: view.getUint16(2) };
}
