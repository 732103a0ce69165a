import type { ChannelRate } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api, withQuery } from '../../../lib/api';
import { whenLive } from '../../../lib/live-query';
import type { LiveRate } from '../../../lib/rate';
import { base } from '../queries';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How far back the plot goes, in ms, and in how many spans. */
export const ranges = {
  '1h': { length: HOUR_MS, points: 60 },
  '24h': { length: 24 * HOUR_MS, points: 144 },
  '7d': { length: 7 * 24 * HOUR_MS, points: 168 },
  '30d': { length: 30 * 24 * HOUR_MS, points: 180 },
} as const;
export type Range = keyof typeof ranges;

/** Messages in each span of a range that ends now; live events are added to it. */
export const rateQuery = (id: number, range: Range) =>
  queryOptions({
    queryKey: ['channel-rate', id, range],
    queryFn: whenLive(async (signal): Promise<LiveRate<'messages'>> => {
      const { length, points } = ranges[range];
      // Counts are of whole minutes: a part of one more would make the spans longer.
      const from = new Date(Math.ceil((Date.now() - length) / MINUTE_MS) * MINUTE_MS).toISOString();
      const path = withQuery(`${base(id)}/rate`, { from, points });
      const { messages, ...spans } = await api.get<ChannelRate>(path, signal);
      return { ...spans, countedTo: spans.to, counts: { messages } };
    }),
    // Nobody adds to it while another range is shown.
    gcTime: 0,
  });
