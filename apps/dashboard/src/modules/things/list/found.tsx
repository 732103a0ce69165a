import type { ThingCounts, ThingSort } from '@polyrelay/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type AddressChange, changedAddress, nextOrder } from '../../../lib/list-search';
import { moreOf } from '../../../lib/pages';
import { t } from '../../../strings';
import { FoundRows, ListTools } from '../../../ui/found-list';
import { Loaded, Skeleton } from '../../../ui/states';
import { listQuery } from '../queries';
import { firstOrder, type ListSearch, type StatusFilter, statuses } from '../search';
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
  const sort = search.sort ?? 'name';
  const order = search.order ?? 'asc';
  const sortBy = (next: ThingSort) =>
    change({ sort: next, order: nextOrder({ sort, order }, next, firstOrder) });
  const choices: { value: StatusFilter | 'all'; label: string; count: number }[] = [
    { value: 'all', label: t.things.all, count: counts.total },
    ...statuses
      .filter((status) => counts[status] > 0 || search.status === status)
      .map((status) => ({ value: status, label: t.things.filters[status], count: counts[status] })),
  ];
  const isFiltered = search.q !== undefined || search.status !== undefined;
  return (
    <div className="flex flex-col gap-4">
      <ListTools
        search={{ label: t.things.search, value: search.q ?? '', onChange: (q) => change({ q }) }}
        filter={{
          label: t.things.filter,
          choices,
          value: search.status ?? 'all',
          onChange: (status) => change({ status: status === 'all' ? undefined : status }),
        }}
        sort={{
          label: t.things.sort,
          value: sort,
          names: t.things.sorts,
          onChange: (next) => change({ sort: next, order: firstOrder(next) }),
        }}
      />
      <Loaded query={query} skeleton={<Skeleton rows={6} className="h-14" />}>
        {() => (
          <FoundRows
            isNone={items.length === 0 && isFiltered}
            onShowAll={() => change({ q: undefined, status: undefined })}
          >
            <ThingTable
              things={items}
              sort={sort}
              order={order}
              onSort={sortBy}
              isStale={query.isPlaceholderData}
              more={moreOf(query)}
            />
          </FoundRows>
        )}
      </Loaded>
    </div>
  );
}
