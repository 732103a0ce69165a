import { MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH, PREVIEW_CHARACTERS } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';

/**
 * Checks a payload's JSON text.
 * @returns its size in bytes
 * @throws tooLarge, invalid `notJson`, invalid `tooDeep`
 */
export function checkPayload(json: string): number {
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_MESSAGE_BYTES)
    throw new DomainError(
      'tooLarge',
      'messageTooLarge',
      `The message has ${bytes} bytes as JSON; at most ${MAX_MESSAGE_BYTES} are taken. Send it in parts.`,
    );
  const depth = depthOf(json);
  if (depth > MAX_MESSAGE_DEPTH)
    throw new DomainError(
      'invalid',
      'tooDeep',
      `The message is nested ${depth} deep; at most ${MAX_MESSAGE_DEPTH} is taken. Make it flatter.`,
    );
  try {
    JSON.parse(json);
  } catch (cause) {
    throw new DomainError('invalid', 'notJson', `The message is not JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
  return bytes;
}

const [QUOTE, BACKSLASH, ...BRACKETS] = [...'"\\[{]}'].map((character) => character.charCodeAt(0));

/** How deep arrays and objects are nested, read from the text: what is too deep is not parsed at all. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (inText && code === BACKSLASH) i++;
    else if (code === QUOTE) inText = !inText;
    else if (!inText && BRACKETS.includes(code)) {
      depth += BRACKETS.indexOf(code) < 2 ? 1 : -1;
      deepest = Math.max(deepest, depth);
    }
  }
  return deepest;
}

/** The beginning of a payload as events and lists show it. */
export function previewOf(json: string): { preview: string; truncated: boolean } {
  const truncated = json.length > PREVIEW_CHARACTERS;
  // Half of a surrogate pair at the end could not be stored.
  return { preview: json.slice(0, PREVIEW_CHARACTERS).replace(/[\uD800-\uDBFF]$/, ''), truncated };
}
