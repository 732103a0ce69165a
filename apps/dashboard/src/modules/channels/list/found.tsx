import type { ChannelPage } from '@polyrelay/contract';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type AddressChange, changedAddress, nextOrder } from '../../../lib/list-search';
import { moreOf } from '../../../lib/pages';
import { t } from '../../../strings';
import { FoundRows, ListTools } from '../../../ui/found-list';
import { type ChannelSort, firstOrder, type ListSearch } from '../search';
import { useArrivals } from '../use-arrivals';
import { ChannelTable } from './channel-table';

const route = getRouteApi('/app/channels');

/** Search and order above the channels that match. */
export function Found({ query }: { query: UseInfiniteQueryResult<InfiniteData<ChannelPage>> }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const arrived = useArrivals();
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const change = (next: AddressChange<ListSearch>) =>
    void navigate({ to: '/channels', replace: true, search: changedAddress(search, next) });
  const sort = search.sort ?? 'name';
  const order = search.order ?? 'asc';
  const sortBy = (next: ChannelSort) =>
    change({ sort: next, order: nextOrder({ sort, order }, next, firstOrder) });
  return (
    <div className="flex flex-col gap-4">
      <ListTools
        search={{ label: t.channels.search, value: search.q ?? '', onChange: (q) => change({ q }) }}
        sort={{
          label: t.channels.sort,
          value: sort,
          names: t.channels.sorts,
          onChange: (next) => change({ sort: next, order: firstOrder(next) }),
        }}
      />
      <FoundRows isNone={items.length === 0} onShowAll={() => change({ q: undefined })}>
        <ChannelTable
          channels={items}
          arrived={arrived}
          sort={sort}
          order={order}
          onSort={sortBy}
          isStale={query.isPlaceholderData}
          more={moreOf(query)}
        />
      </FoundRows>
    </div>
  );
}
