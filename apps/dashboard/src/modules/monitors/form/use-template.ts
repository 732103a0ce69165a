import { MonitorTemplateRequest, type MonitorTemplateResult } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../../lib/api';
import { useSettled } from '../../../lib/use-settled';
import type { MonitorValues } from './values';

/** The service is asked once typing pauses. */
const TYPING_MS = 300;

/** What a template makes of the latest events that match, as one types; or what is wrong with it. */
export function useTemplate({ hasTemplate, schemaData, topic, formatType }: MonitorValues, canAsk: boolean) {
  const request = useSettled({ topic: topic.trim(), formatType, schemaData }, TYPING_MS);
  const isWanted = hasTemplate && canAsk && MonitorTemplateRequest.safeParse(request).success;
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ['monitor-template', request],
    queryFn: ({ signal }) => api.post<MonitorTemplateResult>('/api/monitors/check-template', request, signal),
    enabled: isWanted,
    staleTime: 0,
    gcTime: 10_000,
    retry: false,
    placeholderData: (before) => before,
  });
  const isCurrent = schemaData === request.schemaData;
  return {
    rendered: isWanted && !error ? data : undefined,
    error: isWanted && isCurrent && !isPlaceholderData && error ? error.message : undefined,
  };
}
