import type { NodeServerSummary } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { SearchX } from 'lucide-react';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { PageHeader } from '../../../ui/page';
import { SearchInput } from '../../../ui/search-input';
import { Segmented } from '../../../ui/segmented';
import { Select } from '../../../ui/select';
import { Empty, Loaded, Skeleton } from '../../../ui/states';
import { listQuery } from '../queries';
import { AddLink, StartHere } from '../start-here';
import { arrange, countGroups, type Group, groups, type ListSearch, type Sort, sorts } from './filter';
import { ServerList } from './server-list';

const route = getRouteApi('/app/node-servers');

/** All node servers; search, state and order stand in the address. */
export default function ListPage() {
  const servers = useQuery(listQuery);
  return (
    <>
      <PageHeader
        title={t.nodeServers.title}
        actions={servers.data && servers.data.length > 0 && <AddLink />}
      />
      <Loaded query={servers} skeleton={<Skeleton rows={5} className="h-20" />}>
        {(list) => (list.length === 0 ? <StartHere /> : <Found servers={list} />)}
      </Loaded>
    </>
  );
}

function Found({ servers }: { servers: readonly NodeServerSummary[] }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const shown = arrange(servers, search);
  const counts = countGroups(servers);
  const change = (next: ListSearch) => {
    const { q, state, sort } = { ...search, ...next };
    void navigate({
      to: '/node-servers',
      replace: true,
      search: {
        ...(q ? { q } : {}),
        ...(state ? { state } : {}),
        ...(sort && sort !== 'name' ? { sort } : {}),
      },
    });
  };
  const states = [
    { value: 'all' as const, label: t.nodeServers.allStates, count: servers.length },
    ...groups
      .filter((group) => counts[group] > 0 || search.state === group)
      .map((group) => ({ value: group, label: t.nodeServers.groups[group], count: counts[group] })),
  ];
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <SearchInput
          label={t.nodeServers.search}
          value={search.q ?? ''}
          onChange={(q) => change({ q })}
          className="min-w-48 flex-1 sm:max-w-72"
        />
        <Segmented<Group | 'all'>
          label={t.nodeServers.filter}
          choices={states}
          value={search.state ?? 'all'}
          onChange={(state) => {
            const { state: _, ...rest } = search;
            void navigate({
              to: '/node-servers',
              replace: true,
              search: state === 'all' ? rest : { ...rest, state },
            });
          }}
        />
        <div className="flex flex-1 items-center justify-between gap-3 sm:justify-end">
          <span role="status" className="text-sm whitespace-nowrap text-faint">
            {shown.length < servers.length && t.ui.shownOf(shown.length, servers.length)}
          </span>
          <Select
            aria-label={t.nodeServers.sort}
            value={search.sort ?? 'name'}
            onChange={(sort) => change({ sort: sort as Sort })}
          >
            {sorts.map((sort) => (
              <option key={sort} value={sort}>
                {t.nodeServers.sorts[sort]}
              </option>
            ))}
          </Select>
        </div>
      </div>
      {shown.length === 0 ? (
        <Empty
          icon={SearchX}
          title={t.ui.nothingFound}
          isSmall
          action={
            <Button onClick={() => void navigate({ to: '/node-servers', search: {} })}>
              {t.ui.clearFilters}
            </Button>
          }
        />
      ) : (
        <ServerList servers={shown} />
      )}
    </div>
  );
}
