import { DomainError } from '#core/errors.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACKET = 0x5d;
const CLOSING_BRACE = 0x7d;

/** Only an escape can bring such a character into JSON that came as UTF-8. */
const ESCAPED = /\\u(?:0000|d[89a-f])/i;

/** U+0000, and half of a surrogate pair: PostgreSQL and Prisma take neither. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

/** Whether a text in the JSON document `text`, or one of its keys, cannot be stored; `body` is its value. */
export function holdsUnstorable(text: string, body: unknown): boolean {
  if (!ESCAPED.test(text)) return false;
  const left = [body];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string' && UNSTORABLE.test(value)) return true;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) left.push(key, inner);
  }
  return false;
}

export const unstorableText = (): DomainError =>
  new DomainError(
    'invalid',
    'unstorableText',
    'A text holds a character that cannot be stored (U+0000, or half of a surrogate pair). Remove it.',
  );

/** Without what neither a log nor the database takes: the text may quote a broken message. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD');

/** Whether the brackets of a JSON text, valid or not, are open more than `limit` deep anywhere. */
export function isDeeper(json: string, limit: number): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (inText) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) inText = false;
    } else if (code === QUOTE) inText = true;
    else if (code === OPENING_BRACE || code === OPENING_BRACKET) {
      if (++depth > limit) return true;
    } else if (code === CLOSING_BRACE || code === CLOSING_BRACKET) depth--;
  }
  return false;
}
