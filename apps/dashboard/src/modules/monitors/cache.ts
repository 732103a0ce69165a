import { type Monitor, MonitorProgress, type MonitorSummary } from '@polyrelay/contract';
import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../lib/live-batch';
import { known, patchPages, refetchSoon } from '../../lib/patch';
import { MONITOR, MONITORS, monitorQuery } from './queries';

/** How long a storm of progress is waited out before it is counted again what waits. */
const LAG_MS = 5000;

/** What a batch of events tells of one monitor. */
interface Changes {
  fields: Partial<MonitorSummary>;
  isAdded: boolean;
  isRemoved: boolean;
  /** Something was sent: less waits. */
  isSent: boolean;
  /** Itself was changed, and more than the event tells may be different. */
  isChanged: boolean;
}

/** Brings the cached answers up to date with a batch of live events. */
export function patchCaches(events: readonly LiveEvent[], client: QueryClient): void {
  const changes = changesIn(events);
  if (changes.size === 0) return;
  let isLagOld = false;
  patchPages<MonitorSummary>(client, [MONITORS], (monitor) => {
    const of = changes.get(String(monitor.id));
    if (of === undefined) return monitor;
    if (of.isSent && monitor.lag.events > 0) isLagOld = true;
    return of.isRemoved ? null : changed(monitor, of);
  });
  const all = [...changes.values()];
  const isSelf = all.some(({ isAdded, isRemoved, isChanged }) => isAdded || isRemoved || isChanged);
  // What a filter shows may be others now; and an answer on its way may be older than this change.
  if (isSelf) refetchSoon(client, [MONITORS]);
  else if (isLagOld) refetchSoon(client, [MONITORS], LAG_MS);
  for (const [id, of] of changes) patchMonitor(client, id, of);
}

function changesIn(events: readonly LiveEvent[]): Map<string, Changes> {
  const changes = new Map<string, Changes>();
  const changesOf = (id: string): Changes => {
    const of = changes.get(id) ?? {
      fields: {},
      isAdded: false,
      isRemoved: false,
      isSent: false,
      isChanged: false,
    };
    changes.set(id, of);
    return of;
  };
  for (const event of events) {
    const [monitors, id, more] = event.topic.split('/');
    if (monitors !== 'monitors' || id === undefined || more !== undefined) continue;
    if (id === 'progress') {
      for (const { id: sent, ...figures } of progressIn(event)) {
        const of = changesOf(String(sent));
        of.isSent = true;
        Object.assign(of.fields, figures);
      }
      continue;
    }
    const of = changesOf(id);
    of.isAdded ||= event.operation === 'INSERTION';
    of.isRemoved ||= event.operation === 'DELETION';
    of.isChanged ||= event.operation === 'UPDATE';
    if (event.operation === 'UPDATE') Object.assign(of.fields, event.payload);
  }
  return changes;
}

/** What an event tells that was sent lately. */
export const progressIn = ({
  topic,
  payload,
}: Pick<LiveEvent, 'topic' | 'payload'>): MonitorProgress['items'] =>
  topic === 'monitors/progress' ? (MonitorProgress.safeParse(payload).data?.items ?? []) : [];

function changed<T extends MonitorSummary>(monitor: T, { fields }: Changes): T {
  return { ...monitor, ...known(monitor, fields) };
}

function patchMonitor(client: QueryClient, id: string, of: Changes): void {
  const { queryKey } = monitorQuery(id);
  // Whoever still looks at it is told that it is gone.
  if (of.isRemoved) return void client.resetQueries({ queryKey });
  client.setQueryData<Monitor>(queryKey, (monitor) => monitor && changed(monitor, of));
  if (of.isChanged) refetchSoon(client, [MONITOR, id]);
  else if (of.isSent) refetchSoon(client, [MONITOR, id], LAG_MS);
}
