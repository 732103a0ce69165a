import type { ThingCounts, ThingSort } from '@polyrelay/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { SearchX } from 'lucide-react';
import { useMemo } from 'react';
import { type AddressChange, changedAddress, nextOrder } from '../../../lib/list-search';
import { useTyped } from '../../../lib/use-typed';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { SearchInput } from '../../../ui/search-input';
import { Segmented } from '../../../ui/segmented';
import { Select } from '../../../ui/select';
import { Empty, Loaded, Skeleton } from '../../../ui/states';
import { listQuery } from '../queries';
import { firstOrder, type ListSearch, type StatusFilter, sorts, statuses } from '../search';
import { ThingTable } from './thing-table';

const route = getRouteApi('/app/things');

/** Search, filter and order above the things that match. */
export function Found({ counts }: { counts: ThingCounts }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useInfiniteQuery(listQuery(search));
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const change = (next: AddressChange<ListSearch>) =>
    void navigate({ to: '/things', replace: true, search: changedAddress(search, next) });
  const [typed, setTyped] = useTyped(search.q ?? '', (q) => change({ q }));
  const sort = search.sort ?? 'name';
  const order = search.order ?? 'asc';
  const sortBy = (next: ThingSort) =>
    change({ sort: next, order: nextOrder({ sort, order }, next, firstOrder) });
  const choices = [
    { value: 'all' as const, label: t.things.all, count: counts.total },
    ...statuses
      .filter((status) => counts[status] > 0 || search.status === status)
      .map((status) => ({ value: status, label: t.things.filters[status], count: counts[status] })),
  ];
  const isFiltered = search.q !== undefined || search.status !== undefined;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <SearchInput
          label={t.things.search}
          value={typed}
          onChange={setTyped}
          className="min-w-48 flex-1 sm:max-w-72"
        />
        <Segmented<StatusFilter | 'all'>
          label={t.things.filter}
          choices={choices}
          value={search.status ?? 'all'}
          onChange={(status) => change({ status: status === 'all' ? undefined : status })}
        />
        <Select
          aria-label={t.things.sort}
          value={sort}
          onChange={(next) => change({ sort: next as ThingSort, order: firstOrder(next as ThingSort) })}
          className="md:hidden"
        >
          {sorts.map((each) => (
            <option key={each} value={each}>
              {t.things.sorts[each]}
            </option>
          ))}
        </Select>
      </div>
      <Loaded query={query} skeleton={<Skeleton rows={6} className="h-14" />}>
        {() =>
          items.length === 0 && isFiltered ? (
            <Empty
              icon={SearchX}
              title={t.ui.nothingFound}
              isSmall
              action={
                <Button onClick={() => change({ q: undefined, status: undefined })}>
                  {t.ui.clearFilters}
                </Button>
              }
            />
          ) : (
            <ThingTable
              things={items}
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
          )
        }
      </Loaded>
    </div>
  );
}
