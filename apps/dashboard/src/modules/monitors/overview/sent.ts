import type { Event } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api, type Page, withQuery } from '../../../lib/api';
import { whenLive } from '../../../lib/live-query';
import { addToRate, type LiveRate, upTo } from '../../../lib/rate';
import { progressIn } from '../cache';

/** How far back the plot goes, and how much is counted together. */
export const LENGTH_MS = 15 * 60_000;
const STEP_SECONDS = 15;

type Told = Pick<Event, 'id' | 'topic' | 'payload' | 'at'>;

/** Events that a monitor sent, span by span. */
export interface Sent {
  rate: LiveRate<'events'>;
  /** How many it had sent, ever, when it was told last; null: nothing was told. */
  total: number | null;
  /** The last event of the log that is counted. */
  lastId: bigint;
}

/** Nothing was sent in the time up to `now` (ms). */
export function nothingSent(now: number): Sent {
  const step = STEP_SECONDS * 1000;
  const from = new Date(Math.ceil((now - LENGTH_MS) / step) * step).toISOString();
  const rate = { from, to: from, countedTo: from, stepSeconds: STEP_SECONDS, counts: { events: [] } };
  return { rate: upTo(rate, now, null), total: null, lastId: -1n };
}

/** With what was told since: the difference to what it had sent before. */
export function addSent(known: Sent, events: readonly Told[], id: number, now: number): Sent {
  const inOrder = [...events].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  let { rate, total, lastId } = known;
  for (const event of inOrder) {
    const item = progressIn(event).find((each) => each.id === id);
    if (!item || BigInt(event.id) <= lastId) continue;
    lastId = BigInt(event.id);
    // The first one tells where counting begins; before it nothing is known.
    const count = total === null ? 0 : item.sentEvents - total;
    if (count > 0) rate = addToRate(rate, [{ type: 'events', at: event.at, count }]);
    total = item.sentEvents;
  }
  return { rate: upTo(rate, now, LENGTH_MS), total, lastId };
}

/** Events that were sent lately: from the log, then from what happens. `sentEvents` is where counting begins. */
export const sentQuery = (id: number, sentEvents: number) =>
  queryOptions({
    queryKey: ['monitor-sent', id],
    queryFn: whenLive(async (signal): Promise<Sent> => {
      const now = Date.now();
      const path = withQuery('/api/events', { topic: 'monitors/progress', limit: 300 });
      const { items } = await api.get<Page<Event>>(path, signal);
      const sent = addSent(nothingSent(now), items, id, now);
      return { ...sent, total: sent.total ?? sentEvents };
    }),
    gcTime: 0,
  });
