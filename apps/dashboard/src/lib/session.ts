import type { Session, SetupStatus, SignInMethods, User } from '@polyrelay/contract';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import type { z } from 'zod';
import { ApiError, api } from './api';
import { queryClient } from './query';

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await api.get<Session>('/api/session', signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
});

/** Whether the first user is still to be made. */
export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: ({ signal }) => api.get<z.infer<typeof SetupStatus>>('/api/setup', signal),
  staleTime: 0,
});

/** What the sign-in page may offer. */
export const methodsQuery = queryOptions({
  queryKey: ['session', 'methods'],
  queryFn: ({ signal }) => api.get<SignInMethods>('/api/session/methods', signal),
});

/** Takes over a fresh session: nothing of another user's stays in the cache. */
export function enterSession(session: Session): void {
  queryClient.clear();
  queryClient.setQueryData(sessionQuery.queryKey, session);
}

/** The signed-in user; only for pages behind the sign-in. */
export function useUser(): User {
  const { data } = useQuery(sessionQuery);
  // While signing out, the page before is still shown for a moment.
  const last = useRef<User | null>(null);
  if (data) last.current = data.user;
  if (last.current) return last.current;
  throw new Error('This page is shown to signed-in users only');
}

/** Whether somebody is signed in, for pages that work either way. */
export function useIsSignedIn(): boolean {
  return Boolean(useQuery(sessionQuery).data);
}
