import type { AccessToken, AuditEntry, User } from '@polyrelay/contract';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, getAll, type Page, withQuery } from '../../lib/api';

// No live topic tells of these: they are fetched anew whenever their page is opened.

export const tokensQuery = queryOptions({
  queryKey: ['access-tokens'],
  queryFn: ({ signal }) => getAll<AccessToken>('/api/access-tokens', signal),
  staleTime: 0,
});

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => getAll<User>('/api/users', signal),
  staleTime: 0,
});

export const auditQuery = infiniteQueryOptions({
  queryKey: ['audit'],
  queryFn: ({ pageParam, signal }) =>
    api.get<Page<AuditEntry>>(withQuery('/api/audit', { limit: 100, cursor: pageParam }), signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.nextCursor ?? undefined,
  staleTime: 0,
});
