import type { Distribution, MessageCount, Thing, ThingCounts, ThingSummary } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api, type Page } from '../../lib/api';
import { whenLive } from '../../lib/live-query';
import { pagesQuery } from '../../lib/pages';
import type { ListSearch } from './search';

/** Everything fetched about more than one thing begins with it. */
export const THINGS = 'things';
/** Everything that holds pages of things. */
export const LISTS = [THINGS, 'list'] as const;
const PAGE_SIZE = 100;

export const base = (id: string): string => `/api/things/${encodeURIComponent(id)}`;

const pages = (of: Parameters<typeof pagesQuery>[1]) =>
  pagesQuery<Page<ThingSummary>>({ key: LISTS, path: '/api/things' }, of);

/** Things that match, page by page. */
export const listQuery = ({ q: search, status, sort, order }: ListSearch) =>
  pages({ limit: PAGE_SIZE, search, status, sort, order });

/** Things by a few letters, those seen last first. */
export const foundQuery = (search: string, limit: number) =>
  pages({ search: search || undefined, sort: 'lastSeenAt', order: 'desc', limit });

/** Things that were never seen to run, the oldest first. */
export const waitingQuery = pages({ status: 'created', sort: 'createdAt', order: 'asc', limit: 5 });

/** How many things there are, by state. */
export const countsQuery = queryOptions({
  queryKey: [THINGS, 'counts'],
  queryFn: whenLive((signal) => api.get<ThingCounts>('/api/things/counts', signal)),
});

/** One thing. */
export const thingQuery = (id: string) =>
  queryOptions({
    queryKey: ['thing', id],
    queryFn: whenLive((signal) => api.get<Thing>(base(id), signal)),
  });

/** What the download holds. */
export const distributionQuery = (id: string) =>
  queryOptions({
    queryKey: ['thing-distribution', id],
    queryFn: whenLive((signal) => api.get<Distribution>(`${base(id)}/distribution`, signal)),
  });

/** How many messages go with a thing that is deleted; fetched when asked. */
export const messageCountQuery = (id: string) =>
  queryOptions({
    queryKey: ['thing-message-count', id],
    queryFn: ({ signal }) => api.get<MessageCount>(`${base(id)}/messages/count`, signal),
    staleTime: 0,
  });

/** Where an admin changes the limits. */
export const POLICIES: string = '/settings/policies';
