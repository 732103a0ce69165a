import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useNow } from '../../../lib/now';
import { addToRate, spansOf, upTo } from '../../../lib/rate';
import { useLive } from '../../../lib/use-live';
import { boundsOf, isWithin, lengthOf, type MessageFilter } from './filter';
import { MOST_SPANS, rateQuery } from './queries';
import { readEvents } from './read-events';

/** Messages over the list's range, growing with what arrives; a range that ends now moves on with the time. */
export function useRate(thingId: string, filter: MessageFilter) {
  const query = rateQuery(thingId, filter);
  const rate = useQuery(query);
  const client = useQueryClient();
  useLive([`things/${thingId}/messages/+`, `things/${thingId}/messages`], {
    keeps: [query.queryKey],
    onEvents: (events) => {
      const { arrived, deletions } = readEvents(events, thingId);
      const meant =
        filter.range === 'own' ? arrived.filter((each) => isWithin(each, boundsOf(filter, 0))) : arrived;
      if (meant.length > 0) client.setQueryData(query.queryKey, (known) => known && addToRate(known, meant));
      const counted = client.getQueryData(query.queryKey);
      const spans = counted ? spansOf(counted) : 0;
      if (deletions.length > 0 || spans > MOST_SPANS)
        void client.invalidateQueries({ queryKey: query.queryKey });
    },
  });
  const now = useNow();
  const { range, to } = filter;
  const data = useMemo(
    () => rate.data && (to === undefined ? upTo(rate.data, now, lengthOf({ range })) : rate.data),
    [rate.data, range, to, now],
  );
  return { data, error: rate.error, retry: () => void rate.refetch() };
}
