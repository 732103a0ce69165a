import { MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH, type MessageRequest } from '@polyrelay/contract';
import { depthOf } from '../../../lib/json-depth';
import { jsonPlace } from '../../../lib/json-place';

/** A message as it is being written. */
export interface Draft {
  kind: 'text' | 'json';
  text: string;
  json: string;
}

export const emptyDraft: Draft = { kind: 'text', text: '', json: '' };

/** What a draft amounts to, as far as it has been typed; `bytes` are those of its JSON. */
export type Reading =
  | { kind: 'empty' }
  | { kind: 'broken'; line: number; column: number }
  | { kind: 'tooLarge'; bytes: number }
  | { kind: 'tooDeep'; bytes: number }
  | { kind: 'ready'; bytes: number; request: MessageRequest };

/** Judges a draft as the service will. */
export function readDraft({ kind, text, json }: Draft): Reading {
  if (kind === 'text')
    return text === '' ? { kind: 'empty' } : fitting({ message: { message: text } }, { text });
  if (json.trim() === '') return { kind: 'empty' };
  try {
    const payload: unknown = JSON.parse(json);
    return fitting(payload, { payload });
  } catch {
    return { kind: 'broken', ...jsonPlace(json) };
  }
}

function fitting(stored: unknown, request: MessageRequest): Reading {
  const bytes = new TextEncoder().encode(JSON.stringify(stored)).length;
  if (bytes > MAX_MESSAGE_BYTES) return { kind: 'tooLarge', bytes };
  if (depthOf(stored) > MAX_MESSAGE_DEPTH) return { kind: 'tooDeep', bytes };
  return { kind: 'ready', bytes, request };
}

/** A message that was sent, to be written on. */
export function draftOf(payload: unknown): Draft {
  const text = textOf(payload);
  return text === null
    ? { ...emptyDraft, kind: 'json', json: JSON.stringify(payload, null, 2) }
    : { ...emptyDraft, kind: 'text', text };
}

/** The request that sends a payload once more. */
export function requestOf(payload: unknown): MessageRequest {
  const text = textOf(payload);
  return text === null ? { payload } : { text };
}

/** The text that was sent, where the payload is one in its wrapping `{"message":{"message":"…"}}`. */
function textOf(payload: unknown): string | null {
  const inner = onlyMessage(onlyMessage(payload));
  return typeof inner === 'string' && inner !== '' ? inner : null;
}

function onlyMessage(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  return entries.length === 1 && entries[0]?.[0] === 'message' ? entries[0][1] : undefined;
}
