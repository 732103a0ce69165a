import type { MonitorBlockContent, MonitorBlockPage } from '@polyrelay/contract';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, withQuery } from '../../../lib/api';
import { whenLive } from '../../../lib/live-query';
import { base } from '../queries';

const PAGE = 50;

/** What was sent by a monitor, newest first, page by page. */
export const blocksQuery = (id: number) =>
  infiniteQueryOptions({
    queryKey: ['monitor-blocks', id],
    queryFn: ({ pageParam, signal }) =>
      whenLive((stop) =>
        api.get<MonitorBlockPage>(withQuery(`${base(id)}/blocks`, { before: pageParam, limit: PAGE }), stop),
      )({ signal }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ nextSeq }) => nextSeq ?? undefined,
  });

/** One block with its payload. */
export const blockQuery = (id: number, seq: number) =>
  queryOptions({
    queryKey: ['monitor-block', id, seq],
    queryFn: ({ signal }) => api.get<MonitorBlockContent>(`${base(id)}/blocks/${seq}`, signal),
    staleTime: 0,
    gcTime: 60_000,
  });
