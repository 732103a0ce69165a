import type { ChannelMessage, ChannelMessagePage } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { ApiError, api, withQuery } from '../../../lib/api';
import { jsonParts } from '../../../lib/json-parts';
import { t } from '../../../strings';
import { base } from '../queries';

interface Which {
  before?: number | undefined;
  after?: number | undefined;
  filter?: string | undefined;
  limit: number;
}

export const messagesPath = (id: number): string => `${base(id)}/messages`;

/** One page of a channel's messages. */
export const fetchMessages = (id: number, which: Which, signal: AbortSignal): Promise<ChannelMessagePage> =>
  api.get(withQuery(messagesPath(id), { ...which }), signal);

/** A message with its JSON as it came: parsed, long numbers would have lost digits. */
export interface WholeMessage extends ChannelMessage {
  json: string;
}

/** One message, which never changes. */
export const messageQuery = (id: number, key: number) =>
  queryOptions({
    queryKey: ['channel-message', id, key],
    queryFn: async ({ signal }): Promise<WholeMessage> => {
      const text = await api.getJson(withQuery(messagesPath(id), { after: key - 1, limit: 1 }), signal);
      const page = JSON.parse(text) as ChannelMessagePage;
      const message = page.items.find((each) => each.key === key);
      if (!message) throw new ApiError({ status: 404, code: 'notFound', detail: t.channels.one.gone });
      const [item] = jsonParts(partOf(text, 'items'));
      return { ...message, json: partOf(item?.text ?? '', 'message') };
    },
    gcTime: 60_000,
  });

const partOf = (json: string, name: string): string =>
  jsonParts(json).find((part) => part.name === name)?.text ?? '';
