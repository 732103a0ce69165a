import { newFrame, unsigned, viewOf } from './bytes.js';
import {
  type ConnectionRequest,
  FRAME_TYPES,
  MAX_CREDENTIAL_BYTES,
  PUSH_VERSION,
  PushFrameError,
} from './format.js';

/** Version, two lengths and the monitor's id: what a body has beside the texts. */
const FIXED_BYTES = 10;

/** Lengths that the body can have. */
export const REQUEST_BODY = { min: FIXED_BYTES, max: FIXED_BYTES + 2 * MAX_CREDENTIAL_BYTES };

const toUtf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The frame that signs in.
 * @throws RangeError user name or password longer than 256 bytes, or a monitor id that is no u32
 */
export function encodeConnectionRequest({ username, password, monitorId }: ConnectionRequest): Uint8Array {
  const texts = [toUtf8.encode(username), toUtf8.encode(password)];
  const { frame, view } = newFrame(
    FRAME_TYPES.connectionRequest,
    texts.reduce((sum, text) => sum + text.length, FIXED_BYTES),
  );
  view.setUint16(6, PUSH_VERSION);
  let at = 8;
  for (const text of texts) {
    if (text.length > MAX_CREDENTIAL_BYTES)
      throw new RangeError(`User name and password have at most ${MAX_CREDENTIAL_BYTES} bytes each`);
    view.setUint16(at, text.length);
    frame.set(text, at + 2);
    at += 2 + text.length;
  }
  view.setUint32(at, unsigned('monitorId', monitorId, 32));
  return frame;
}

/** @param body without the header @throws PushFrameError */
export function decodeConnectionRequest(body: Uint8Array): ConnectionRequest {
  const version = viewOf(body).getUint16(0);
  if (version !== PUSH_VERSION)
    throw new PushFrameError('version', `The protocol has version ${PUSH_VERSION}, not ${version}`);
  const [username, afterUsername] = textAt(body, 2, 'user name');
  const [password, afterPassword] = textAt(body, afterUsername, 'password');
  if (body.length !== afterPassword + 4)
    throw new PushFrameError('length', 'The lengths in the request do not make up its length');
  return { username, password, monitorId: viewOf(body).getUint32(afterPassword) };
}

/** @returns the text, and where it ends */
function textAt(body: Uint8Array, at: number, what: string): [string, number] {
  const start = at + 2;
  // The body is at least as long as its fixed part: only what a text takes can be missing.
  const length = start <= body.length ? viewOf(body).getUint16(at) : Number.POSITIVE_INFINITY;
  if (length > MAX_CREDENTIAL_BYTES || start + length > body.length)
    throw new PushFrameError(
      'length',
      `The ${what} is longer than ${MAX_CREDENTIAL_BYTES} bytes, or than its frame`,
    );
  try {
    return [fromUtf8.decode(body.subarray(start, start + length)), start + length];
  } catch {
    throw new PushFrameError('text', `The ${what} is not UTF-8`);
  }
}
