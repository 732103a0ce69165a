import type { MonitorDevice, NodeServer } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { ApiError, api } from '../../../lib/api';

/** A node server or thing, by its id or by the number that stands for it in topics; null: it is gone. Neither changes. */
export const deviceQuery = (id: string) =>
  queryOptions({
    queryKey: ['monitor-device', id],
    queryFn: async ({ signal }): Promise<MonitorDevice | null> => {
      try {
        return await api.get<MonitorDevice>(`/api/monitors/devices/${encodeURIComponent(id)}`, signal);
      } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return null;
        throw error;
      }
    },
  });

export interface NodeChoice {
  address: string;
  name: string;
  drivers: string[];
}

/** The nodes of a node server, to choose from. */
export const nodesQuery = (id: string) =>
  queryOptions({
    queryKey: ['monitor-nodes', id],
    queryFn: async ({ signal }): Promise<NodeChoice[]> => {
      const { nodes } = await api.get<NodeServer>(`/api/node-servers/${encodeURIComponent(id)}`, signal);
      return Object.values(nodes)
        .map(({ address, name, drivers }) => ({ address, name, drivers: Object.keys(drivers).sort() }))
        .sort((a, b) => a.name.localeCompare(b.name));
    },
    staleTime: 0,
  });
