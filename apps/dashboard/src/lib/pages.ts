import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  type QueryKey,
  type UseInfiniteQueryResult,
} from '@tanstack/react-query';
import { api, type Page, withQuery } from './api';
import { whenLive } from './live-query';

type Parameters = Readonly<Record<string, string | number | undefined>>;

/** A paged list that live events keep true: `of` is what is asked for; `freshen` brings an answer up to date. */
export const pagesQuery = <P extends Page<unknown>>(
  { key, path, freshen = (page) => page }: { key: QueryKey; path: string; freshen?: (page: P) => P },
  of: Parameters,
) =>
  infiniteQueryOptions({
    queryKey: [...key, of],
    queryFn: ({ pageParam, signal }) =>
      whenLive(async (stop) =>
        freshen(await api.get<P>(withQuery(path, { ...of, cursor: pageParam }), stop)),
      )({ signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** What the end of a list needs to fetch on. */
export const moreOf = (query: UseInfiniteQueryResult<InfiniteData<Page<unknown>>>) => ({
  hasMore: query.hasNextPage,
  isLoading: query.isFetchingNextPage,
  error: query.isFetchNextPageError ? query.error : null,
  load: () => void query.fetchNextPage(),
});
