import { isId } from '../ids.js';

/** A message that waits to be collected. */
export interface QueuedMessage {
  id: string;
  /** When it was queued, ISO 8601. */
  at: string;
  /** JSON text. */
  json: string;
}

/** One message a line. The payload comes last, so that its text is written as it is. */
export const formatBatch = (messages: QueuedMessage[]): string =>
  messages.map(({ id, at, json }) => `{"id":"${id}","at":"${at}","payload":${json}}\n`).join('');

/** What is readable of a batch, in order, and the lines that are not: a card wears out, a file is edited by hand. */
export function parseBatch(text: string): { messages: QueuedMessage[]; garbled: string[] } {
  const messages: QueuedMessage[] = [];
  const garbled: string[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const message = parseLine(line);
    if (message === undefined) garbled.push(line);
    else messages.push(message);
  }
  return { messages, garbled };
}

function parseLine(line: string): QueuedMessage | undefined {
  try {
    const value = JSON.parse(line) as { id?: unknown; at?: unknown; payload?: unknown } | null;
    if (value === null || !isId(value.id) || typeof value.at !== 'string' || value.payload === undefined)
      return undefined;
    return { id: value.id, at: value.at, json: JSON.stringify(value.payload) };
  } catch {
    return undefined;
  }
}
