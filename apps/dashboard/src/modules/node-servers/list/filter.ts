import type { NodeServerSummary, WorkerState } from '@polyrelay/contract';
import { stateOrder } from '../state';

/** States as the filter groups them. */
export const groups = ['connected', 'busy', 'silent', 'crashed', 'stopped'] as const;
export type Group = (typeof groups)[number];

export const sorts = ['name', 'state', 'slot', 'changed'] as const;
export type Sort = (typeof sorts)[number];

/** What the list keeps in its address. */
export interface ListSearch {
  q?: string;
  state?: Group;
  sort?: Sort;
}

const groupOf: Record<WorkerState, Group> = {
  connected: 'connected',
  installing: 'busy',
  starting: 'busy',
  stopping: 'busy',
  deleting: 'busy',
  silent: 'silent',
  crashed: 'crashed',
  stopped: 'stopped',
};

/** How many are in each group. */
export function countGroups(servers: readonly NodeServerSummary[]): Record<Group, number> {
  const counts: Record<Group, number> = { connected: 0, busy: 0, silent: 0, crashed: 0, stopped: 0 };
  for (const { state } of servers) counts[groupOf[state]] += 1;
  return counts;
}

const byName = (a: NodeServerSummary, b: NodeServerSummary): number =>
  a.name.localeCompare(b.name, undefined, { numeric: true });

const orders: Record<Sort, (a: NodeServerSummary, b: NodeServerSummary) => number> = {
  name: byName,
  state: (a, b) => stateOrder[a.state] - stateOrder[b.state] || byName(a, b),
  slot: (a, b) => a.controllerName.localeCompare(b.controllerName) || a.slot - b.slot,
  changed: (a, b) => Date.parse(b.changedAt) - Date.parse(a.changedAt) || byName(a, b),
};

/** The node servers that match, in the wanted order; every word has to be found. */
export function arrange(
  servers: readonly NodeServerSummary[],
  { q = '', state, sort = 'name' }: ListSearch,
): NodeServerSummary[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return servers
    .filter((server) => state === undefined || groupOf[server.state] === state)
    .filter((server) => {
      const text =
        `${server.name} ${server.controllerName} ${server.version} ${server.language} ${server.worker} ${server.slot}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort(orders[sort]);
}
