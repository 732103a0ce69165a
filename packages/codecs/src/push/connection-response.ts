import { newFrame, unsigned, viewOf } from './bytes.js';
import { type ConnectionResponse, FRAME_TYPES, PUSH_VERSION } from './format.js';

/** Length that the body has. */
export const RESPONSE_BODY = { min: 4, max: 4 };

/** The answer to a request: 10 bytes, for a write of their own. @throws RangeError a status that is no u16 */
export function encodeConnectionResponse(status: number): Uint8Array {
  const { frame, view } = newFrame(FRAME_TYPES.connectionResponse, RESPONSE_BODY.max);
  view.setUint16(6, unsigned('status', status, 16));
  view.setUint16(8, PUSH_VERSION);
  return frame;
}

/** @param body without the header */
export function decodeConnectionResponse(body: Uint8Array): ConnectionResponse {
  const view = viewOf(body);
  return { status: view.getUint16(0), version: view.getUint16(2) };
}
