import type { EntryLanguage, StoreItem, StorePage } from '@polyrelay/contract';
import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
} from '@tanstack/react-query';
import { api, withQuery } from '../../lib/api';
import type { LiveEvent } from '../../lib/live-batch';
import { whenLive } from '../../lib/live-query';

/** What the store keeps in its address. */
export interface StoreSearch {
  q?: string;
  language?: EntryLanguage;
  /** The opened entry. */
  entry?: string;
}

const PAGE = 60;

/** The entries that match, page by page. The ones before stay while others are fetched. */
export const storeQuery = ({ q = '', language }: StoreSearch) =>
  infiniteQueryOptions({
    queryKey: ['store', 'list', q, language ?? ''],
    queryFn: ({ pageParam, signal }) =>
      whenLive((ended) => {
        const query = { search: q || undefined, language, cursor: pageParam || undefined, limit: PAGE };
        return api.get<StorePage>(withQuery('/api/store', query), ended);
      })({ signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    // Catalogues change without an event.
    staleTime: 60_000,
  });

export const entryQuery = (id: string) =>
  queryOptions({
    queryKey: ['store', 'entry', id],
    queryFn: whenLive((signal) => api.get<StoreItem>(`/api/store/${encodeURIComponent(id)}`, signal)),
    staleTime: 60_000,
  });

const SHOWN = ['name', 'slot', 'version', 'updateAvailable'];

/** Node servers that come, go or change are copies of entries. */
export function staleAfter(events: readonly LiveEvent[], client: QueryClient): void {
  const isMeant = events.some(
    ({ topic, operation, payload }) =>
      /^nodeServers\/[^/]+$/.test(topic) &&
      (operation !== 'UPDATE' || SHOWN.some((field) => field in payload)),
  );
  if (isMeant) void client.invalidateQueries({ queryKey: ['store'] });
}
