import { read } from '../../../lib/routes';
import { DEFAULT_RANGE, type MessageFilter, type MessagesRange, messageRanges } from './filter';

/** What the tab with messages keeps in the address of a thing's page. */
export interface MessagesSearch {
  type?: 'ingress' | 'egress' | undefined;
  range?: MessagesRange | undefined;
  /** Ends of a range of one's own (ISO). */
  from?: string | undefined;
  to?: string | undefined;
  /** Part of a payload. */
  text?: string | undefined;
  /** The opened message. */
  message?: string | undefined;
}

export const readMessagesSearch = (raw: Record<string, unknown>): MessagesSearch => ({
  type: read.choice(raw, 'type', ['ingress', 'egress']),
  range: read.choice(raw, 'range', messageRanges),
  from: time(read.text(raw, 'from')),
  to: time(read.text(raw, 'to')),
  text: read.text(raw, 'text'),
  message: read.text(raw, 'message'),
});

const time = (text: string | undefined): string | undefined => {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

/** What the address says of the list. */
export const filterOf = ({ type, text, range = DEFAULT_RANGE, from, to }: MessagesSearch): MessageFilter => ({
  type,
  text,
  range,
  ...(range === 'own' ? { from, to } : {}),
});
