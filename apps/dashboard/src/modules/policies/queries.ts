import type { PolicyList } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../lib/api';

/** Everybody's limits. What is used of them has no event: fetched anew whenever its page opens. */
export const policiesQuery = queryOptions({
  queryKey: ['policies'],
  queryFn: ({ signal }) => api.get<PolicyList>('/api/policies', signal),
  staleTime: 0,
});

/** Whose limits: those for everybody, or one user's. */
export type Whose = { kind: 'default' } | { kind: 'user'; userId: string; email: string };

export const policyPath = (whose: Whose): string =>
  `/api/policies/${whose.kind === 'default' ? 'default' : encodeURIComponent(whose.userId)}`;
