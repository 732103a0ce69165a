import type { Controller, NodeServerSummary } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { getAll } from './api';
import { live } from './live';

// Everything here is kept true by live events. Fetching waits until they are listened to: what changes
// between the answer and the first event would be missed otherwise.
export const whenLive =
  <T>(fetchIt: (signal: AbortSignal) => Promise<T>) =>
  async ({ signal }: { signal: AbortSignal }): Promise<T> => {
    await live.settled();
    return fetchIt(signal);
  };

/** All node servers of the user. */
export const listQuery = queryOptions({
  queryKey: ['node-servers'],
  queryFn: whenLive((signal) => getAll<NodeServerSummary>('/api/node-servers', signal)),
});

/** The user's controllers, with the slots that are taken. */
export const controllersQuery = queryOptions({
  queryKey: ['controllers'],
  queryFn: whenLive((signal) => getAll<Controller>('/api/controllers', signal)),
});
