import type { Rule, RulePreview, RulePreviewRequest, Thing, ThingSummary } from '@polyrelay/contract';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ApiError, api, type Page, withQuery } from '../../../lib/api';
import { whenLive } from '../../../lib/live-query';
import { base } from '../queries';

/** So many things are listed at a time; searching reaches the others. */
const MOST_THINGS = 50;

export const rulesPath = (channelId: number): string => `${base(channelId)}/rules`;

/** The rules of a channel, the oldest first. */
export const rulesQuery = (channelId: number) =>
  queryOptions({
    queryKey: ['channel-rules', channelId],
    queryFn: whenLive(
      async (signal) => (await api.get<{ items: Rule[] }>(rulesPath(channelId), signal)).items,
    ),
  });

/** Everything that is previewed for a channel. */
export const previews = (channelId: number) => ['rule-preview', channelId] as const;

/** What a rule would make of the latest facts. */
export const previewQuery = (channelId: number, request: RulePreviewRequest) => {
  const { source, ...mapping } = request;
  return queryOptions({
    queryKey: [...previews(channelId), source, mapping],
    queryFn: whenLive((signal) => api.post<RulePreview>(`${rulesPath(channelId)}/preview`, request, signal)),
    staleTime: 0,
    gcTime: 10_000,
  });
};

/** Things by a few letters, those seen last first. */
export const thingsQuery = (search: string) =>
  queryOptions({
    queryKey: ['rule-things', search],
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
