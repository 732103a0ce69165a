import type { FormatType, MonitorPreview } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../../lib/api';
import { whenLive } from '../../../lib/live-query';

/** So many are fetched at first, and kept as more come. */
const FIRST = 20;
const NEXT = 100;
export const MOST_KEPT = 100;

const path = '/api/monitors/preview';

/** The latest events that topics match, newest first; live events are added to it. */
export const previewQuery = (topic: string, formatType: FormatType) =>
  queryOptions({
    queryKey: ['monitor-preview', topic, formatType],
    queryFn: whenLive((signal) =>
      api.post<MonitorPreview>(path, { topic, formatType, limit: FIRST }, signal),
    ),
    staleTime: 0,
    gcTime: 10_000,
    retry: false,
  });

/** Those behind an event of the log. */
export const fetchNewer = (topic: string, formatType: FormatType, after: string): Promise<MonitorPreview> =>
  api.post<MonitorPreview>(path, { topic, formatType, after, limit: NEXT });

/** What was known with what came since: each event once, the newest first, and not without end. */
export function withNewer(known: MonitorPreview, newer: MonitorPreview): MonitorPreview {
  return {
    items: [...newer.items, ...known.items].slice(0, MOST_KEPT),
    last: BigInt(newer.last) > BigInt(known.last) ? newer.last : known.last,
    lookedAt: known.lookedAt + newer.lookedAt,
  };
}
