import type { Thing, ThingCounts, ThingSummary } from '@polyrelay/contract';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, type Page, withQuery } from '../../lib/api';
import { whenLive } from '../../lib/live-query';
import type { ListSearch } from './search';

/** Everything fetched about more than one thing begins with it. */
export const THINGS = 'things';
const PAGE_SIZE = 100;

export const base = (id: string): string => `/api/things/${encodeURIComponent(id)}`;

/** One thing. */
export const thingQuery = (id: string) =>
  queryOptions({
    queryKey: ['thing', id],
    queryFn: whenLive((signal) => api.get<Thing>(base(id), signal)),
  });

/** How many things there are, by state. */
export const countsQuery = queryOptions({
  queryKey: [THINGS, 'counts'],
  queryFn: whenLive((signal) => api.get<ThingCounts>('/api/things/counts', signal)),
});

/** Things that match, page by page. */
export const listQuery = ({ q: search, status, sort, order }: ListSearch) =>
  infiniteQueryOptions({
    queryKey: [THINGS, 'list', { search, status, sort, order }],
    queryFn: ({ pageParam: cursor, signal }) =>
      whenLive((stop) =>
        api.get<Page<ThingSummary>>(
          withQuery('/api/things', { limit: PAGE_SIZE, search, status, sort, order, cursor }),
          stop,
        ),
      )({ signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
