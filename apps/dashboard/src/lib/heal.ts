import type { QueryClient } from '@tanstack/react-query';
import { live } from './live';

/** What could not be fetched while the service was away is asked for again as soon as it is back. */
export function refetchWhenBack(client: QueryClient): void {
  let wasOpen = false;
  live.onState(() => {
    const isOpen = live.getState().status === 'open';
    if (isOpen && !wasOpen)
      void client.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' });
    wasOpen = isOpen;
  });
}
