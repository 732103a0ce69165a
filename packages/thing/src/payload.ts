import { reasonOf } from '@polyrelay/essentials';
import { ThingError } from './errors.js';

/** What the service takes; it would refuse the rest. */
export const MAX_BYTES = 256 * 1024;
export const MAX_DEPTH = 64;

/** A payload as JSON text. @throws ThingError `PAYLOAD`, `MESSAGE_TOO_LARGE` */
export function payloadJson(payload: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(payload);
  } catch (cause) {
    throw new ThingError('PAYLOAD', `The message is not JSON: ${reasonOf(cause)}`, { cause });
  }
  if (json === undefined) throw new ThingError('PAYLOAD', `The message is not JSON: it is ${typeof payload}`);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_BYTES)
    throw new ThingError(
      'MESSAGE_TOO_LARGE',
      `The message has ${bytes} bytes of JSON; ${MAX_BYTES} are possible`,
    );
  if (depthOf(json) > MAX_DEPTH)
    throw new ThingError('PAYLOAD', `The message is nested more than ${MAX_DEPTH} deep`);
  return json;
}

function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else if (token === ']' || token === '}') depth -= 1;
  }
  return deepest;
}
