import {
  IDENT_PATTERN,
  MAX_CHANNEL_BODY_BYTES,
  MAX_CHANNEL_MESSAGE_BYTES,
  MAX_CHANNEL_MESSAGE_DEPTH,
  MAX_IDENT,
} from '@polyrelay/contract';
import { bytes } from '../../../lib/format';
import { depthOf } from '../../../lib/json-depth';
import { jsonPlace } from '../../../lib/json-place';
import { t } from '../../../strings';

/** What a draft amounts to, as far as it has been typed; `bytes` are those of the text. */
export type Reading =
  | { kind: 'empty' }
  | { kind: 'bad'; message: string }
  | { kind: 'ready'; count: number; bytes: number };

/** Judges messages to be added as the service will: one object, or a list of them. */
export function readDraft(text: string): Reading {
  if (text.trim() === '') return { kind: 'empty' };
  const size = new TextEncoder().encode(text).length;
  if (size > MAX_CHANNEL_BODY_BYTES)
    return bad(t.channels.add.tooLarge(bytes(size), bytes(MAX_CHANNEL_BODY_BYTES)));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { line, column } = jsonPlace(text);
    return bad(t.channels.add.notJson(line, column));
  }
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) return bad(t.channels.add.emptyList);
  for (const [index, message] of list.entries()) {
    const problem = problemOf(message);
    if (problem) return bad(Array.isArray(value) ? t.channels.add.ofMessage(index, problem) : problem);
  }
  return { kind: 'ready', count: list.length, bytes: size };
}

const bad = (message: string): Reading => ({ kind: 'bad', message });

function problemOf(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    return t.channels.add.notObject;
  const { ident, timestamp } = message as Record<string, unknown>;
  if (typeof ident !== 'string' || ident === '') return t.channels.add.noIdent;
  if (!IDENT_PATTERN.test(ident)) return t.channels.add.badIdent;
  if (ident.length > MAX_IDENT) return t.channels.add.longIdent(MAX_IDENT);
  if (typeof timestamp !== 'number') return t.channels.add.noTimestamp;
  if (depthOf(message) > MAX_CHANNEL_MESSAGE_DEPTH) return t.channels.add.tooDeep(MAX_CHANNEL_MESSAGE_DEPTH);
  const size = new TextEncoder().encode(JSON.stringify(message)).length;
  if (size > MAX_CHANNEL_MESSAGE_BYTES)
    return t.channels.add.tooLarge(bytes(size), bytes(MAX_CHANNEL_MESSAGE_BYTES));
  return undefined;
}

/** A message to begin with; `now` in ms. */
export const exampleOf = (now: number): string =>
  JSON.stringify({ ident: 'tracker-1', timestamp: Math.floor(now / 1000), 'battery.level': 87 }, null, 2);
