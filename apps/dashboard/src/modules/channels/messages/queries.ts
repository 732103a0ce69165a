import type { ChannelMessage, ChannelMessagePage } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api, withQuery } from '../../../lib/api';
import { jsonParts } from '../../../lib/json-parts';
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
      const text = await api.getJson(`${messagesPath(id)}/${key}`, signal);
      const json = jsonParts(text).find(({ name }) => name === 'message')?.text ?? '';
      return { ...(JSON.parse(text) as ChannelMessage), json };
    },
    gcTime: 60_000,
  });
