import type { Message, MessageCount, MessageRate, MessageType } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api, withQuery } from '../../../lib/api';
import { whenLive } from '../../../lib/live-query';
import type { LiveRate } from '../../../lib/rate';
import { base } from '../queries';
import { type Bounds, boundsOf, type MessageFilter } from './filter';

/** Which messages a download or deletion takes. */
export interface Taken extends Bounds {
  type?: 'ingress' | 'egress' | undefined;
}

const messages = (thingId: string): string => `${base(thingId)}/messages`;

export const paths = {
  list: messages,
  one: (thingId: string, id: string) => `${messages(thingId)}/${encodeURIComponent(id)}`,
  taken: (thingId: string, taken: Taken) => withQuery(messages(thingId), { ...taken }),
  archive: (thingId: string, taken: Taken) => withQuery(`${base(thingId)}/archive`, { ...taken }),
};

/** A message with its whole payload, which never changes. */
export const messageQuery = (thingId: string, id: string) =>
  queryOptions({
    queryKey: ['thing-message', thingId, id],
    queryFn: ({ signal }) => api.get<Message>(paths.one(thingId, id), signal),
    gcTime: 60_000,
  });

const fetchCount = (thingId: string, taken: Taken, signal: AbortSignal) =>
  api.get<MessageCount>(withQuery(`${messages(thingId)}/count`, { ...taken }), signal);

/** How many messages a download or deletion takes; asked for whenever a dialog opens. */
export const countQuery = (thingId: string, taken: Taken) =>
  queryOptions({
    queryKey: ['thing-message-count', thingId, taken],
    queryFn: ({ signal }) => fetchCount(thingId, taken, signal),
    staleTime: 0,
    gcTime: 0,
  });

const POINTS = 120;
const HOUR_MS = 3_600_000;

/** Messages in each span of the range; live events are added to it. */
export const rateQuery = (thingId: string, { range, from, to }: MessageFilter) =>
  queryOptions({
    queryKey: ['thing-message-rate', thingId, range, from ?? null, to ?? null],
    queryFn: whenLive(async (signal): Promise<LiveRate<MessageType>> => {
      const bounds = boundsOf({ range, from, to }, Date.now());
      const start = bounds.from ?? (await fetchCount(thingId, {}, signal)).oldest;
      const path = withQuery(`${messages(thingId)}/rate`, {
        ...bounds,
        from: start ?? new Date(Date.now() - HOUR_MS).toISOString(),
        points: POINTS,
      });
      const { ingress, egress, ...spans } = await api.get<MessageRate>(path, signal);
      return { ...spans, countedTo: spans.to, counts: { ingress, egress } };
    }),
    // Nobody adds to it while another range is shown.
    gcTime: 0,
  });

/** More spans than this have come live: they are counted anew, in longer ones. */
export const MOST_SPANS = 3 * POINTS;
