import type { Controller, NodeServerSummary } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { getAll } from './api';
import { whenLive } from './live-query';

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
