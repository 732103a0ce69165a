import type { MonitorPage, MonitorStatus } from '@polyrelay/contract';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type AddressChange, changedAddress, nextOrder } from '../../../lib/list-search';
import { moreOf } from '../../../lib/pages';
import { t } from '../../../strings';
import { FoundRows, ListTools } from '../../../ui/found-list';
import { firstOrder, type ListSearch, type MonitorSort, statuses } from '../search';
import { MonitorTable } from './monitor-table';

const route = getRouteApi('/app/monitors');

/** Search, status and order above the monitors that match. */
export function Found({ query }: { query: UseInfiniteQueryResult<InfiniteData<MonitorPage>> }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const change = (next: AddressChange<ListSearch>) =>
    void navigate({ to: '/monitors', replace: true, search: changedAddress(search, next, 'id') });
  const sort = search.sort ?? 'id';
  const order = search.order ?? 'asc';
  const sortBy = (next: MonitorSort) =>
    change({ sort: next, order: nextOrder({ sort, order }, next, firstOrder) });
  return (
    <div className="flex flex-col gap-4">
      <ListTools<MonitorSort, MonitorStatus | 'all'>
        search={{ label: t.monitors.search, value: search.q ?? '', onChange: (q) => change({ q }) }}
        filter={{
          label: t.monitors.filter,
          choices: [
            { value: 'all', label: t.monitors.all },
            ...statuses.map((status) => ({ value: status, label: status })),
          ],
          value: search.status ?? 'all',
          onChange: (status) => change({ status: status === 'all' ? undefined : status }),
        }}
        sort={{
          label: t.monitors.sort,
          value: sort,
          names: t.monitors.sorts,
          onChange: (next) => change({ sort: next, order: firstOrder(next) }),
        }}
      />
      <FoundRows isNone={items.length === 0} onShowAll={() => change({ q: undefined, status: undefined })}>
        <MonitorTable
          monitors={items}
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
