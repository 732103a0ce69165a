import type { Thing, ThingSummary } from '@polyrelay/contract';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ApiError, api, type Page, withQuery } from './api';

/** So many things are listed at a time; searching reaches the others. */
const MOST_THINGS = 50;

/** Things by a few letters, those seen last first. */
export const thingsQuery = (search: string) =>
  queryOptions({
    queryKey: ['things-by-letters', search],
    queryFn: ({ signal }) =>
      api.get<Page<ThingSummary>>(
        withQuery('/api/things', {
          limit: MOST_THINGS,
          search: search || undefined,
          sort: 'lastSeenAt',
          order: 'desc',
        }),
        signal,
      ),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

/** A thing's name, which never changes; null: it is gone. */
export const thingNameQuery = (id: string) =>
  queryOptions({
    queryKey: ['thing-name', id],
    queryFn: async ({ signal }): Promise<string | null> => {
      try {
        return (await api.get<Thing>(`/api/things/${id}`, signal)).name;
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
