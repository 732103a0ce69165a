import type {
  DriverHistory,
  NodeServer,
  Notice,
  ProfileDescription,
  RuntimeInfo,
  Webhook,
} from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api, getAll, withQuery } from '../../lib/api';
import { whenLive } from '../../lib/live-query';
import { type ServerData, toServerData } from './node-map';

// Also needed by other modules.
export { controllersQuery, listQuery } from '../../lib/node-servers';

/** A notice with the node server that raised it, as the overview shows them. */
export type NoticeOfServer = Notice & { nodeServer: { id: string; name: string } };

export const base = (id: string): string => `/api/node-servers/${encodeURIComponent(id)}`;

export const allNoticesQuery = queryOptions({
  queryKey: ['notices'],
  queryFn: whenLive((signal) => getAll<NoticeOfServer>('/api/notices', signal)),
});

/** How workers can run on this machine; found out when the service starts. */
export const runtimesQuery = queryOptions({
  queryKey: ['runtimes'],
  queryFn: async ({ signal }) => (await api.get<{ items: RuntimeInfo[] }>('/api/runtimes', signal)).items,
  staleTime: 60_000,
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
