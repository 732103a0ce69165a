import {
  type FieldError,
  IDENT_PATTERN,
  MAX_CHANNEL_BODY_BYTES,
  MAX_CHANNEL_MESSAGE_BYTES,
  MAX_CHANNEL_MESSAGE_DEPTH,
  MAX_IDENT,
} from '@polyrelay/contract';
import { DomainError, messageOf } from '#core/errors.js';
import { holdsUnstorable, printable, unstorableText } from '#core/text.js';
import type { NewChannelMessage } from '../store.js';
import { type Piece, splitList } from './split.js';

/** So many wrong values are named, the others counted. */
const MAX_NAMED = 20;

/**
 * The messages in a body: a JSON object, or a list of them. The text of each stays exactly as it came. One wrong
 * message refuses all, and each wrong one is named by its place in the list.
 * @throws invalid `notUtf8`, `notJson`, `unstorableText`, `noMessages`, `invalidMessages`; tooLarge `bodyTooLarge`
 */
export function parseMessages(body: string | Uint8Array): NewChannelMessage[] {
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  if (bytes > MAX_CHANNEL_BODY_BYTES) throw bodyTooLarge(bytes);
  const json = typeof body === 'string' ? body : decode(body);
  const value = parse(json);
  // Half a surrogate pair that stands in the text itself would become another character on its way to the disk.
  if (holdsUnstorable(json, value) || !json.isWellFormed()) throw unstorableText();
  const { isList, pieces } = splitList(json);
  const values: unknown[] = isList ? (value as unknown[]) : [value];
  if (values.length === 0)
    throw new DomainError('invalid', 'noMessages', 'The list is empty. Send at least one message.');
  return checked(json, values, pieces, isList);
}

function checked(json: string, values: unknown[], pieces: Piece[], isList: boolean): NewChannelMessage[] {
  const messages: NewChannelMessage[] = [];
  const wrong: FieldError[] = [];
  values.forEach((value, i) => {
    const { start, end, depth } = pieces[i] as Piece;
    const text = json.slice(start, end);
    const bytes = Buffer.byteLength(text);
    const errors = wrongWith(value, bytes, depth);
    for (const { path, message } of errors) wrong.push({ path: pathOf(isList ? i : null, path), message });
    if (errors.length > 0) return;
    const { ident, timestamp } = value as NewChannelMessage;
    messages.push({ ident, timestamp, json: text, bytes });
  });
  if (wrong.length > 0) throw invalidMessages(wrong);
  return messages;
}

/** What is wrong with one message. */
function wrongWith(value: unknown, bytes: number, depth: number): FieldError[] {
  const whole = (message: string): FieldError[] => [{ path: '', message }];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return whole('Must be an object, such as {"ident":"car1","timestamp":1700000000}');
  if (bytes > MAX_CHANNEL_MESSAGE_BYTES)
    return whole(`Has ${bytes} bytes; at most ${MAX_CHANNEL_MESSAGE_BYTES} are taken. Send it in parts`);
  if (depth > MAX_CHANNEL_MESSAGE_DEPTH)
    return whole(`Is nested more than ${MAX_CHANNEL_MESSAGE_DEPTH} levels deep. Make it flatter`);
  const { ident, timestamp } = value as Record<string, unknown>;
  const errors: FieldError[] = [];
  const identError = wrongIdent(ident);
  if (identError !== undefined) errors.push({ path: 'ident', message: identError });
  if (timestamp === undefined) errors.push({ path: 'timestamp', message: 'Is missing: seconds since 1970' });
  else if (typeof timestamp !== 'number' || !Number.isFinite(timestamp) || timestamp < 0)
    errors.push({ path: 'timestamp', message: 'Must be a number of seconds since 1970, 0 or more' });
  return errors;
}

function wrongIdent(ident: unknown): string | undefined {
  if (ident === undefined) return 'Is missing: a text that says which device the message is from';
  if (typeof ident !== 'string') return 'Must be a text';
  if (ident === '') return 'Must not be empty';
  if (ident.length > MAX_IDENT) return `Has ${ident.length} characters; at most ${MAX_IDENT} are taken`;
  if (!IDENT_PATTERN.test(ident)) return 'Must not hold “#”, “+”, “/” or control characters';
  return undefined;
}

function pathOf(index: number | null, path: string): string {
  if (index === null) return path;
  return path === '' ? `[${index}]` : `[${index}].${path}`;
}

function invalidMessages(wrong: FieldError[]): DomainError {
  const named = wrong.slice(0, MAX_NAMED);
  const more = wrong.length - named.length;
  const list = named.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  const rest = more > 0 ? `; and ${more} more` : '';
  return new DomainError('invalid', 'invalidMessages', `Nothing was added. ${list}${rest}`, {
    errors: named,
  });
}

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new DomainError('invalid', 'notUtf8', 'The messages are not UTF-8. Send JSON as UTF-8.', { cause });
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    const message = `The messages are not JSON: ${printable(messageOf(cause))}. Send an object or a list of objects.`;
    throw new DomainError('invalid', 'notJson', message, { cause });
  }
}

const bodyTooLarge = (bytes: number): DomainError =>
  new DomainError(
    'tooLarge',
    'bodyTooLarge',
    `The body has ${bytes} bytes; at most ${MAX_CHANNEL_BODY_BYTES} are taken. Send the messages in several parts.`,
  );
