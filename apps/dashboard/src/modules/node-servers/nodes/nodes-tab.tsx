import type { ProfileDescription } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Boxes, RefreshCw, SearchX } from 'lucide-react';
import { lazy, Suspense, useMemo } from 'react';
import { t } from '../../../strings';
import { Button, buttonClass } from '../../../ui/button';
import { SearchInput } from '../../../ui/search-input';
import { Empty, Skeleton } from '../../../ui/states';
import type { NodeMap, ServerFacts } from '../node-map';
import { profileQuery, serverQuery } from '../queries';
import type { DetailSearch } from '../search';
import { matches } from './describe';
import { NodeList } from './node-list';
import { useQueryNode } from './use-commands';

const PlotDialog = lazy(() => import('./plot-dialog').then((module) => ({ default: module.PlotDialog })));
const route = getRouteApi('/app/node-servers/$id');

/** Its devices: values as people read them, controls, and a search that the address carries. */
export function NodesTab({ server }: { server: ServerFacts }) {
  const { id } = server;
  const search = route.useSearch();
  const navigate = useNavigate();
  // Rendered anew when a node comes, goes or is renamed; values render in their own rows.
  const structure = useQuery({ ...serverQuery(id), select: (data) => data.nodes.structure }).data;
  const client = useQueryClient();
  const profile = useQuery(profileQuery(id));
  const queryNode = useQueryNode(id);
  const change = (next: DetailSearch) =>
    void navigate({
      to: '/node-servers/$id',
      params: { id },
      search: { ...search, tab: 'nodes', ...next },
      replace: true,
      resetScroll: false,
    });
  const rows = useMemo(
    () => filter(structure, client.getQueryData(serverQuery(id).queryKey)?.nodes, profile.data, search.q),
    [structure, client, id, profile.data, search.q],
  );

  if (!structure || profile.isPending) return <Skeleton rows={5} className="h-18" />;
  if (structure.rows.length === 0) return <NoNodes server={server} />;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <SearchInput
          label={t.nodes.search}
          value={search.q ?? ''}
          onChange={(q) => {
            const { q: _, ...rest } = search;
            void navigate({
              to: '/node-servers/$id',
              params: { id },
              search: { ...rest, tab: 'nodes', ...(q ? { q } : {}) },
              replace: true,
              resetScroll: false,
            });
          }}
          className="min-w-48 flex-1 sm:max-w-72"
        />
        <span role="status" className="text-sm text-faint">
          {search.q ? t.ui.shownOf(rows.length, structure.rows.length) : t.nodes.count(structure.rows.length)}
        </span>
        <Button
          icon={RefreshCw}
          size="sm"
          isBusy={queryNode.isPending}
          onClick={() => queryNode.mutate({ address: 'all', name: server.name })}
          className="ml-auto"
        >
          {t.nodes.queryAll}
        </Button>
      </div>
      {rows.length === 0 ? (
        <Empty icon={SearchX} title={t.ui.nothingFound} isSmall />
      ) : (
        <NodeList
          server={server}
          rows={rows}
          profile={profile.data}
          opened={search.node}
          onOpen={(node) => {
            const { node: _, ...rest } = search;
            void navigate({
              to: '/node-servers/$id',
              params: { id },
              search: { ...rest, tab: 'nodes', ...(node ? { node } : {}) },
              replace: true,
              resetScroll: false,
            });
          }}
          onPlot={(plot) => change({ plot })}
        />
      )}
      {search.plot && (
        <Suspense fallback={null}>
          <PlotDialog server={server} profile={profile.data} />
        </Suspense>
      )}
    </div>
  );
}

function filter(
  structure: NodeMap['structure'] | undefined,
  nodes: NodeMap | undefined,
  profile: ProfileDescription | undefined,
  q = '',
) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  if (!structure || !nodes) return [];
  if (words.length === 0) return structure.rows;
  return structure.rows.filter(({ address }) => {
    const node = nodes.byAddress.get(address);
    return node !== undefined && matches(node, profile?.nodedefs[node.nodedefId], words);
  });
}

/** No device yet: what to do depends on who runs the worker, and whether it is there. */
function NoNodes({ server: { id, connected, runtime } }: { server: ServerFacts }) {
  const isWaited = !connected && runtime === 'local';
  return (
    <Empty
      icon={Boxes}
      title={t.nodes.emptyTitle}
      action={
        isWaited && (
          <Link
            to="/node-servers/$id"
            params={{ id }}
            search={{ tab: 'settings' }}
            className={buttonClass('main')}
          >
            {t.nodes.toStartUrl}
          </Link>
        )
      }
    >
      {connected ? t.nodes.emptyConnected : isWaited ? t.nodes.emptyLocal : t.nodes.emptyText}
    </Empty>
  );
}
