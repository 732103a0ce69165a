import { MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH } from '@polyrelay/contract';
import { DomainError, messageOf } from '#core/errors.js';
import { holdsUnstorable, isDeeper, printable, unstorableText } from '#core/text.js';

/**
 * Checks a payload: JSON that can be stored as the text it is.
 * @returns its length in bytes
 * @throws invalid `notJson`, `tooDeep`, `unstorableText`; tooLarge `messageTooLarge`
 */
export function checkPayload(json: string): number {
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_MESSAGE_BYTES) throw tooLarge(bytes);
  // Before it is parsed: what follows may rely on the bound.
  if (isDeeper(json, MAX_MESSAGE_DEPTH))
    throw new DomainError(
      'invalid',
      'tooDeep',
      `The message is nested more than ${MAX_MESSAGE_DEPTH} levels deep. Make it flatter.`,
    );
  const value = parse(json);
  // Half a surrogate pair that stands in the text itself would become another character on its way to the disk.
  if (holdsUnstorable(json, value) || !json.isWellFormed()) throw unstorableText();
  return bytes;
}

/** Checks a payload, see {@link checkPayload}. @returns its text without the space around it, and its length as it came */
export function readPayload(json: string): { json: string; bytes: number } {
  const bytes = checkPayload(json);
  return { json: json.trim(), bytes };
}

/** The text of a payload that came as bytes. @throws invalid `notUtf8`; tooLarge */
export function decodePayload(payload: Buffer): string {
  if (payload.length > MAX_MESSAGE_BYTES) throw tooLarge(payload.length);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch (cause) {
    throw new DomainError('invalid', 'notUtf8', 'The message is not UTF-8. Send JSON as UTF-8.', { cause });
  }
}

const tooLarge = (bytes: number): DomainError =>
  new DomainError(
    'tooLarge',
    'messageTooLarge',
    `The message has ${bytes} bytes; at most ${MAX_MESSAGE_BYTES} are taken. Send it in parts.`,
  );

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    const message = `The message is not JSON: ${printable(messageOf(cause))}. A text needs quotes around it.`;
    throw new DomainError('invalid', 'notJson', message, { cause });
  }
}
