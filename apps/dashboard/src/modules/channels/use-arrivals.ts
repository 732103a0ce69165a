import { useQuery } from '@tanstack/react-query';
import { useNow } from '../../lib/now';
import { useLive } from '../../lib/use-live';
import { lastMinute } from './arrivals';
import { arrivalsQuery, CHANNELS, MESSAGES_TOPIC } from './queries';

/** Keeps figures of messages true while they are shown, and tells how many came to a channel in the last minute. */
export function useArrivals(): (id: number) => number | undefined {
  useLive([MESSAGES_TOPIC], { keeps: [[CHANNELS], arrivalsQuery.queryKey] });
  const { data } = useQuery(arrivalsQuery);
  const now = useNow();
  return (id) => data && lastMinute(data, id, Math.max(now, Date.now() - 10_000));
}
