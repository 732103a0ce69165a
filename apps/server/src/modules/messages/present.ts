import {
  type Message,
  type MessageState,
  type MessageSummary,
  type MessageType,
  PREVIEW_CHARACTERS,
} from '@polyrelay/contract';
import type { FileColumns } from './archive/columns.js';
import type { HeadRow, MessageRow, PreviewRow } from './store.js';

/** The beginning of a payload's JSON text, whole characters only. */
export function previewOf(json: string): { preview: string; truncated: boolean } {
  if (json.length <= PREVIEW_CHARACTERS) return { preview: json, truncated: false };
  return {
    preview: json.slice(0, PREVIEW_CHARACTERS).replace(/[\uD800-\uDBFF]$/, ''),
    truncated: true,
  };
}

/** The payload of the event that tells of a new message. */
export const insertedPayload = (message: {
  type: MessageType;
  at: Date;
  bytes: number;
  json: string;
  state: MessageState | null;
}): Record<string, unknown> => ({
  type: message.type,
  at: message.at.toISOString(),
  bytes: message.bytes,
  ...previewOf(message.json),
  state: message.state,
});

/** A message without its payload. */
export const presentHead = (row: HeadRow): Omit<Message, 'payload'> => ({
  id: row.id,
  thingId: row.thing_id,
  type: row.type,
  at: row.at.toISOString(),
  bytes: row.bytes,
  state: row.state,
  stateAt: row.state_at?.toISOString() ?? null,
});

export const presentSummary = (row: PreviewRow): MessageSummary => ({
  ...presentHead(row),
  ...previewOf(row.preview),
});

export const presentMessage = (row: MessageRow): Message => ({
  ...presentHead(row),
  payload: JSON.parse(row.json),
});

/** The same as JSON text, with the payload as it came: parsing would round its long numbers. */
export const presentText = (row: MessageRow): string =>
  `${JSON.stringify(presentHead(row)).slice(0, -1)},"payload":${row.json}}`;

/** The same as a file of an archive. */
export const messageFile = (column: FileColumns): Record<keyof Message, unknown> => ({
  id: column.id,
  thingId: column.thingId,
  type: column.type,
  at: column.at,
  bytes: column.bytes,
  state: column.state,
  stateAt: column.stateAt,
  payload: column.payload,
});
