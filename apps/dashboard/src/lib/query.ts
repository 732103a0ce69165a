import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './api';

/**
 * The cache of everything fetched. Live events keep it true, so nothing is fetched twice by time or focus:
 * whoever stops listening marks what it listened to as stale (see `useLive`).
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      networkMode: 'always',
      retry: (count, error) =>
        count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 502),
    },
    mutations: { networkMode: 'always' },
  },
});
