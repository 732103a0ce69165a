import type { ChannelPage } from '@polyrelay/contract';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { SearchX } from 'lucide-react';
import { useMemo } from 'react';
import { type AddressChange, changedAddress, nextOrder } from '../../../lib/list-search';
import { useTyped } from '../../../lib/use-typed';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { SearchInput } from '../../../ui/search-input';
import { Select } from '../../../ui/select';
import { Empty } from '../../../ui/states';
import { type ChannelSort, firstOrder, type ListSearch, sorts } from '../search';
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
  const [typed, setTyped] = useTyped(search.q ?? '', (q) => change({ q: q.slice(0, 100) }));
  const sort = search.sort ?? 'name';
  const order = search.order ?? 'asc';
  const sortBy = (next: ChannelSort) =>
    change({ sort: next, order: nextOrder({ sort, order }, next, firstOrder) });
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <SearchInput
          label={t.channels.search}
          value={typed}
          onChange={setTyped}
          className="min-w-48 flex-1 sm:max-w-72"
        />
        <Select
          aria-label={t.channels.sort}
          value={sort}
          onChange={(next) => change({ sort: next as ChannelSort, order: firstOrder(next as ChannelSort) })}
          className="md:hidden"
        >
          {sorts.map((each) => (
            <option key={each} value={each}>
              {t.channels.sorts[each]}
            </option>
          ))}
        </Select>
      </div>
      {items.length === 0 ? (
        <Empty
          icon={SearchX}
          title={t.ui.nothingFound}
          isSmall
          action={<Button onClick={() => change({ q: undefined })}>{t.ui.clearFilters}</Button>}
        />
      ) : (
        <ChannelTable
          channels={items}
          arrived={arrived}
          sort={sort}
          order={order}
          onSort={sortBy}
          isStale={query.isPlaceholderData}
          more={{
            hasMore: query.hasNextPage,
            isLoading: query.isFetchingNextPage,
            error: query.isFetchNextPageError ? query.error : null,
            load: () => void query.fetchNextPage(),
          }}
        />
      )}
    </div>
  );
}
