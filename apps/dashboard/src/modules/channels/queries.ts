import type { Channel, ChannelPage, ChannelReader, Event } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api, type Page, withQuery } from '../../lib/api';
import { whenLive } from '../../lib/live-query';
import { pagesQuery } from '../../lib/pages';
import { type Arrivals, arrivalsOf } from './arrivals';
import { freshened } from './changes';
import type { ListSearch } from './search';

/** Every page of channels that was fetched. */
export const CHANNELS = 'channels';
/** Every channel that was fetched on its own. */
export const CHANNEL = 'channel';
const PAGE_SIZE = 100;

/** What the messages of all channels tell. */
export const MESSAGES_TOPIC = 'channels/+/messages';

export const base = (id: number | string): string => `/api/channels/${encodeURIComponent(id)}`;

const pages = (of: {
  search?: string | undefined;
  sort?: string | undefined;
  order?: string | undefined;
  limit: number;
}) =>
  pagesQuery<ChannelPage>(
    {
      key: [CHANNELS],
      path: '/api/channels',
      freshen: (page) => ({ ...page, items: page.items.map(freshened) }),
    },
    of,
  );

/** Channels that match, page by page; each page has the number of all. */
export const listQuery = ({ q: search, sort, order }: ListSearch) =>
  pages({ search, sort, order, limit: PAGE_SIZE });

/** Channels by a few letters, those with the newest messages first. */
export const foundQuery = (search: string, limit: number) =>
  pages({ search: search || undefined, sort: 'lastMessageAt', order: 'desc', limit });

/** One channel. */
export const channelQuery = (id: number | string) =>
  queryOptions({
    queryKey: [CHANNEL, String(id)],
    queryFn: whenLive(async (signal) => freshened(await api.get<Channel>(base(id), signal))),
  });

/** Who reads a channel. */
export const readersQuery = (id: number) =>
  queryOptions({
    queryKey: ['channel-readers', id],
    queryFn: whenLive(
      async (signal) => (await api.get<{ items: ChannelReader[] }>(`${base(id)}/readers`, signal)).items,
    ),
  });

/** How many messages came to each channel in the last minute: from the event log, then from what happens. */
export const arrivalsQuery = queryOptions({
  queryKey: ['channel-arrivals'],
  queryFn: whenLive(async (signal): Promise<Arrivals> => {
    const path = withQuery('/api/events', { topic: MESSAGES_TOPIC, limit: 1000 });
    return arrivalsOf((await api.get<Page<Event>>(path, signal)).items, Date.now());
  }),
});
