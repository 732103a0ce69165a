import type { Policy } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from './api';
import { whenLive } from './live-query';

/** My limits, and how much of them is used. */
export const policyQuery = queryOptions({
  queryKey: ['policy'],
  queryFn: whenLive((signal) => api.get<Policy>('/api/policy', signal)),
});
