import type { ChannelMessage } from './message.js';
import { parseMessage } from './message.js';

/** One answer of the service. */
export interface Page {
  messages: ChannelMessage[];
  /** Where the next page begins; undefined: where this one began. */
  nextKey: number | undefined;
  /** Of the newest message the channel has. */
  lastKey: number | undefined;
  warnings: string[];
  /** An answer with errors has no messages. */
  errors: string[];
}

/** Reads an answer, and keeps the text of every message. @throws SyntaxError when it is not such an answer */
export function readPage(text: string): Page {
  const { items, rest } = splitResult(text);
  const answer = JSON.parse(rest) as Record<string, unknown> | null;
  const errors = reasons(answer?.errors);
  if (errors.length === 0 && !Array.isArray(answer?.result)) throw new SyntaxError('there is no “result”');
  return {
    messages: items.map(parseMessage),
    nextKey: numberIn(answer?.next_key),
    lastKey: numberIn(answer?.last_key),
    warnings: reasons(answer?.warnings),
    errors,
  };
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** Texts of `errors` or `warnings`: texts, or objects with a `reason`. */
export const reasons = (list: unknown): string[] =>
  (Array.isArray(list) ? list : []).map((entry: unknown) => {
    if (typeof entry === 'string') return entry;
    const reason = (entry as { reason?: unknown } | null)?.reason;
    return typeof reason === 'string' ? reason : JSON.stringify(entry);
  });

/** The texts in the list `result` of a JSON object, and the object with an empty list instead. */
function splitResult(text: string): { items: string[]; rest: string } {
  const items: string[] = [];
  let [depth, key, from, to, item] = [0, '', -1, -1, 0];
  for (let at = 0; at < text.length; at += 1) {
    const inList = depth === 2 && from >= 0 && to < 0;
    switch (text[at]) {
      case '"': {
        const end = endOfString(text, at);
        if (depth === 1) key = text.slice(at + 1, end);
        at = end;
        break;
      }
      case '[':
      case '{':
        depth += 1;
        if (depth === 2 && from < 0 && key === 'result' && text[at] === '[') [from, item] = [at, at + 1];
        break;
      case ',':
        if (inList) {
          items.push(text.slice(item, at));
          item = at + 1;
        }
        break;
      case ']':
      case '}':
        if (inList) {
          to = at;
          if (items.length > 0 || text.slice(item, at).trim() !== '') items.push(text.slice(item, at));
        }
        depth -= 1;
    }
  }
  return to < 0 ? { items: [], rest: text } : { items, rest: `${text.slice(0, from + 1)}${text.slice(to)}` };
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
