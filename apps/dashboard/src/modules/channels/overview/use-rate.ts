import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useNow } from '../../../lib/now';
import { addToRate, upTo } from '../../../lib/rate';
import { useLive } from '../../../lib/use-live';
import { appendedIn } from '../arrivals';
import { type Range, ranges, rateQuery } from './queries';

/** Messages over a range that ends now, growing with what comes and moving on with the time. */
export function useRate(id: number, range: Range) {
  const query = rateQuery(id, range);
  const rate = useQuery(query);
  const client = useQueryClient();
  const now = useNow();
  const { length } = ranges[range];
  useLive([`channels/${id}/messages`], {
    keeps: [query.queryKey],
    onEvents: (events) => {
      const news = events.flatMap((event) => {
        const appended = event.topic === `channels/${id}/messages` ? appendedIn(event) : undefined;
        return appended ? [{ type: 'messages' as const, at: event.at, count: appended.count }] : [];
      });
      if (news.length === 0) return;
      client.setQueryData(
        query.queryKey,
        (known) => known && upTo(addToRate(known, news), Date.now(), length),
      );
    },
  });
  const data = useMemo(() => rate.data && upTo(rate.data, now, length), [rate.data, now, length]);
  return { data, error: rate.error, retry: () => void rate.refetch() };
}
