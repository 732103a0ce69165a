import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../lib/live-batch';
import { known, refetchSoon } from '../../lib/patch';
import { applyChanges, type NodeChange, type ServerData, type ServerFacts } from './node-map';
import {
  allNoticesQuery,
  controllersQuery,
  listQuery,
  noticesQuery,
  profileQuery,
  serverQuery,
  webhookQuery,
} from './queries';

/** What a batch of events asks of the caches, sorted by node server. */
interface Changes {
  server: Partial<ServerFacts>;
  isAdded: boolean;
  isRemoved: boolean;
  nodes: NodeChange[];
  polls: { shortPoll?: number; longPoll?: number } | undefined;
  /** Told without content: has to be fetched. */
  isServerStale: boolean;
  areNoticesStale: boolean;
  isProfileStale: boolean;
  isWebhookStale: boolean;
}

/** Brings the cached answers up to date with a batch of live events. */
export function patchCaches(events: readonly LiveEvent[], client: QueryClient): void {
  const changes = new Map<string, Changes>();
  for (const event of events) {
    const levels = event.topic.split('/');
    if (levels[0] === 'controllers') refetchSoon(client, controllersQuery.queryKey);
    if (levels[0] !== 'nodeServers' || levels[1] === undefined) continue;
    const of = changes.get(levels[1]) ?? nothing();
    changes.set(levels[1], of);
    collect(of, levels, event);
  }
  for (const [id, of] of changes) apply(client, id, of);
}

const nothing = (): Changes => ({
  server: {},
  isAdded: false,
  isRemoved: false,
  nodes: [],
  polls: undefined,
  isServerStale: false,
  areNoticesStale: false,
  isProfileStale: false,
  isWebhookStale: false,
});

function collect(of: Changes, [, , part, address = '', sub, name = '']: string[], event: LiveEvent): void {
  const { payload, operation } = event;
  const isGone = operation === 'DELETION';
  if (part === undefined) {
    if (isGone) of.isRemoved = true;
    else of.isAdded ||= operation === 'INSERTION';
    Object.assign(of.server, payload);
    // Who takes webhooks follows from them.
    of.isWebhookStale ||= 'connected' in payload || 'ingress' in payload || 'runtime' in payload;
    // Another release brings more than the event tells: its source, its description, the release before.
    of.isServerStale ||= 'installed' in payload;
  } else if (part === 'notices') of.areNoticesStale = true;
  else if (part === 'profile') of.isProfileStale = true;
  else if (part === 'webhook') of.isWebhookStale = true;
  else if (part === 'polls') of.polls = payload;
  else if (part === 'customParams') of.isServerStale = true;
  else if (part === 'nodes' && sub === undefined) {
    of.nodes.push(
      isGone
        ? { kind: 'removed', address }
        : { kind: 'node', address, name: text(payload.name), nodedefId: text(payload.nodedefId) },
    );
  } else if (part === 'nodes' && sub === 'drivers' && !isGone) {
    const { value = '', uom = '' } = payload as { value?: string | number; uom?: string | number };
    of.nodes.push({ kind: 'driver', address, driver: name, to: { value, uom, changedAt: event.at } });
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function apply(client: QueryClient, id: string, of: Changes): void {
  if (of.isRemoved) {
    client.setQueryData(listQuery.queryKey, (list) => list?.filter((server) => server.id !== id));
    client.setQueryData(allNoticesQuery.queryKey, (list) =>
      list?.filter((notice) => notice.nodeServer.id !== id),
    );
    refetchSoon(client, controllersQuery.queryKey);
    // Whoever still looks at it is told that it is gone.
    void client.resetQueries({ queryKey: serverQuery(id).queryKey });
    return;
  }
  const hasServerChange = Object.keys(of.server).length > 0;
  if (hasServerChange || of.isAdded) patchList(client, id, of);
  const { queryKey } = serverQuery(id);
  // An answer on its way may be older than this change, and would take it back.
  const isFetching = client.isFetching({ queryKey }) > 0;
  if (hasServerChange && isFetching) of.isServerStale = true;
  const data = client.getQueryData<ServerData>(queryKey);
  if (data) {
    const { map, isComplete } = applyChanges(data.nodes, of.nodes);
    const server: ServerFacts =
      hasServerChange || of.polls
        ? { ...data.server, ...known(data.server, of.server), ...of.polls }
        : data.server;
    if (server !== data.server || map !== data.nodes)
      client.setQueryData<ServerData>(queryKey, { server, nodes: map });
    if (!isComplete || of.isServerStale) refetchSoon(client, queryKey);
  } else if (isFetching && of.isServerStale) refetchSoon(client, queryKey);
  if (of.areNoticesStale) {
    refetchSoon(client, noticesQuery(id).queryKey);
    refetchSoon(client, allNoticesQuery.queryKey);
  }
  if (of.isProfileStale) refetchSoon(client, profileQuery(id).queryKey);
  if (of.isWebhookStale) refetchSoon(client, webhookQuery(id).queryKey);
}

function patchList(client: QueryClient, id: string, of: Changes): void {
  const list = client.getQueryData(listQuery.queryKey);
  if (!list) return;
  const at = list.findIndex((server) => server.id === id);
  const before = list[at];
  if (!before) {
    refetchSoon(client, listQuery.queryKey);
    return;
  }
  client.setQueryData(listQuery.queryKey, list.with(at, { ...before, ...known(before, of.server) }));
}
