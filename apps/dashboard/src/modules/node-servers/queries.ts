import type {
  Controller,
  DriverHistory,
  NodeServer,
  NodeServerSummary,
  Notice,
  ProfileDescription,
  Webhook,
} from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api, getAll, withQuery } from '../../lib/api';
import { live } from '../../lib/live';
import { type ServerData, toServerData } from './node-map';

/** A notice with the node server that raised it, as the overview shows them. */
export type NoticeOfServer = Notice & { nodeServer: { id: string; name: string } };

// Everything here is kept true by live events. Fetching waits until they are listened to: what changes
// between the answer and the first event would be missed otherwise.
const whenLive =
  <T>(fetchIt: (signal: AbortSignal) => Promise<T>) =>
  async ({ signal }: { signal: AbortSignal }): Promise<T> => {
    await live.settled();
    return fetchIt(signal);
  };

export const base = (id: string): string => `/api/node-servers/${encodeURIComponent(id)}`;

export const listQuery = queryOptions({
  queryKey: ['node-servers'],
  queryFn: whenLive((signal) => getAll<NodeServerSummary>('/api/node-servers', signal)),
});

export const allNoticesQuery = queryOptions({
  queryKey: ['notices'],
  queryFn: whenLive((signal) => getAll<NoticeOfServer>('/api/notices', signal)),
});

export const controllersQuery = queryOptions({
  queryKey: ['controllers'],
  queryFn: whenLive((signal) => getAll<Controller>('/api/controllers', signal)),
});

/** One node server with its nodes. Not compared deeply: live patches keep untouched parts the same. */
export const serverQuery = (id: string) =>
  queryOptions({
    queryKey: ['node-server', id],
    queryFn: whenLive(
      async (signal): Promise<ServerData> => toServerData(await api.get<NodeServer>(base(id), signal)),
    ),
    structuralSharing: false,
  });

export const noticesQuery = (id: string) =>
  queryOptions({
    queryKey: ['node-server-notices', id],
    queryFn: whenLive((signal) => getAll<Notice>(`${base(id)}/notices`, signal)),
  });

export const profileQuery = (id: string) =>
  queryOptions({
    queryKey: ['node-server-profile', id],
    queryFn: whenLive((signal) => api.get<ProfileDescription>(`${base(id)}/profile`, signal)),
  });

export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: ['node-server-webhook', id],
    queryFn: whenLive((signal) => api.get<Webhook>(`${base(id)}/webhook`, signal)),
  });

/** Samples of a driver over the last `ms`. */
export const historyQuery = (id: string, address: string, driver: string, ms: number, points: number) =>
  queryOptions({
    queryKey: ['driver-history', id, address, driver, ms, points],
    queryFn: ({ signal }) => {
      const to = Date.now();
      const path = `${base(id)}/nodes/${encodeURIComponent(address)}/drivers/${encodeURIComponent(driver)}/history`;
      const span = { from: new Date(to - ms).toISOString(), to: new Date(to).toISOString(), points };
      return api.get<DriverHistory>(withQuery(path, span), signal);
    },
    staleTime: 60_000,
  });
