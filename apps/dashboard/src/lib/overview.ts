import type { Overview } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from './api';

/** Figures of the service. No event tells of them: fetched when a page with them opens, or by its button. */
export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => api.get<Overview>('/api/overview', signal),
  staleTime: 0,
});
