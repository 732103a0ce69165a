import type { Rule, RulePreview, RulePreviewRequest } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../../lib/api';
import { whenLive } from '../../../lib/live-query';
import { base } from '../queries';

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
