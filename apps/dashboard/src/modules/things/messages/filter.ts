import type { MessageSummary, MessageType } from '@polyrelay/contract';

export const messageRanges = ['1h', '24h', '7d', 'all', 'own'] as const;
export type MessagesRange = (typeof messageRanges)[number];

/** What the list shows when the address says nothing. */
export const DEFAULT_RANGE: MessagesRange = '24h';

/** Which messages are meant; a range of one's own has its ends in `from` and `to` (ISO). */
export interface MessageFilter {
  type?: MessageType | undefined;
  text?: string | undefined;
  range: MessagesRange;
  from?: string | undefined;
  to?: string | undefined;
}

/** A span of time as the API takes it: from this moment on, and before that one. */
export interface Bounds {
  from?: string | undefined;
  to?: string | undefined;
}

const HOUR_MS = 3_600_000;
const lengths = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 7 * 24 * HOUR_MS };

/** How long the range is that ends now, in ms; null where it does not move with the time. */
export const lengthOf = ({ range }: Pick<MessageFilter, 'range'>): number | null =>
  range === 'all' || range === 'own' ? null : lengths[range];

/** The range in times, as it stands at `now` (ms). */
export function boundsOf(filter: Pick<MessageFilter, 'range' | 'from' | 'to'>, now: number): Bounds {
  if (filter.range === 'own')
    return { ...(filter.from ? { from: filter.from } : {}), ...(filter.to ? { to: filter.to } : {}) };
  const length = lengthOf(filter);
  return length === null ? {} : { from: new Date(now - length).toISOString() };
}

/** Whether a message that just came belongs into the list; `maybe` when only its whole payload would tell. */
export function isMeant(
  message: MessageSummary,
  { type, text }: Pick<MessageFilter, 'type' | 'text'>,
  bounds: Bounds,
): boolean | 'maybe' {
  if (type !== undefined && message.type !== type) return false;
  if (!isWithin(message, bounds)) return false;
  if (!text || message.preview.toLowerCase().includes(text.toLowerCase())) return true;
  return message.truncated ? 'maybe' : false;
}

/** Whether a message is of a time span. */
export function isWithin({ at }: Pick<MessageSummary, 'at'>, { from, to }: Bounds): boolean {
  const time = Date.parse(at);
  return (from === undefined || time >= Date.parse(from)) && (to === undefined || time < Date.parse(to));
}
