import { read } from '../../../lib/routes';

/** What the tab with messages keeps in the address of a thing's page. */
export interface MessagesSearch {
  type?: 'ingress' | 'egress' | undefined;
  /** Part of a payload. */
  text?: string | undefined;
}

export const readMessagesSearch = (raw: Record<string, unknown>): MessagesSearch => ({
  type: read.choice(raw, 'type', ['ingress', 'egress']),
  text: read.text(raw, 'text'),
});
