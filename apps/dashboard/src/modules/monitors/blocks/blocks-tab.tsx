import type { Monitor, MonitorBlock } from '@polyrelay/contract';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Package } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { refetchSoon } from '../../../lib/patch';
import { useLive } from '../../../lib/use-live';
import { t } from '../../../strings';
import { Empty, Loaded, Skeleton } from '../../../ui/states';
import { progressIn } from '../cache';
import { BlockList } from './block-list';
import { BlockViewer } from './block-viewer';
import { blockQuery, blocksQuery } from './queries';

const route = getRouteApi('/app/monitors/$id');

/** Storms of progress are waited out so long. */
const SOON_MS = 1000;

/** What was sent: frames or requests, newest first, each with its payload and what became of it. */
export function BlocksTab({ monitor: { id, transportType } }: { monitor: Monitor }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const search = route.useSearch();
  const query = useInfiniteQuery(blocksQuery(id));
  const isBusy = useRef(false);
  const isBehind = useRef(false);
  const { queryKey } = blocksQuery(id);
  const refresh = () => {
    isBehind.current = isBusy.current;
    if (isBusy.current) return;
    refetchSoon(client, queryKey, SOON_MS);
    if (search.block !== undefined) refetchSoon(client, blockQuery(id, search.block).queryKey, SOON_MS);
  };
  useLive(['monitors/progress', `monitors/${id}`], {
    keeps: [queryKey],
    onEvents: (events) => {
      const isMine = events.some(
        (event) => event.topic === `monitors/${id}` || progressIn(event).some((item) => item.id === id),
      );
      if (isMine) refresh();
    },
  });
  const blocks = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  const open = (block: number | undefined) =>
    void navigate({
      to: '/monitors/$id',
      params: { id: String(id) },
      search: { ...search, block },
      replace: true,
      resetScroll: false,
    });
  return (
    <div className="flex flex-col gap-3">
      <Loaded query={query} skeleton={<Skeleton rows={8} className="h-10" />}>
        {() =>
          blocks.length === 0 ? (
            <Empty isSmall icon={Package} title={t.monitors.blocks.none}>
              {transportType === 'polling' ? t.monitors.blocks.nonePolling : t.monitors.blocks.noneText}
            </Empty>
          ) : (
            <>
              <p className="text-sm text-soft">{t.monitors.blocks.about}</p>
              <BlockList
                blocks={blocks}
                onOpen={({ seq }: MonitorBlock) => open(seq)}
                onBusy={(isNow) => {
                  isBusy.current = isNow;
                  if (!isNow && isBehind.current) refresh();
                }}
                onEnd={query.hasNextPage && !query.isFetching ? () => void query.fetchNextPage() : null}
                isPaging={query.isFetchingNextPage}
              />
            </>
          )
        }
      </Loaded>
      {search.block !== undefined && (
        <BlockViewer monitorId={id} seq={search.block} blocks={blocks} onChange={open} />
      )}
    </div>
  );
}
