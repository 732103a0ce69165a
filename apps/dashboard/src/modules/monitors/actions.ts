import type { Monitor, MonitorReplay, MonitorRequest, MonitorTest } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api';
import { base, MONITOR, MONITORS, monitorQuery } from './queries';

/** Sends a change of a monitor; the answer takes the place of what is cached. */
export function useSendChange(id: number): (change: Partial<MonitorRequest>) => Promise<Monitor> {
  const client = useQueryClient();
  return async (change) => {
    const monitor = await api.patch<Monitor>(base(id), change);
    client.setQueryData(monitorQuery(id).queryKey, monitor);
    void client.invalidateQueries({ queryKey: [MONITORS] });
    return monitor;
  };
}

/** Makes a new signing secret. */
export function useRenewSecret(id: number): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    client.setQueryData(monitorQuery(id).queryKey, await api.post<Monitor>(`${base(id)}/secret`));
  };
}

/** Sends again what happened since a time. */
export function useReplay(id: number): (from: string) => Promise<MonitorReplay> {
  const client = useQueryClient();
  return async (from) => {
    const replay = await api.post<MonitorReplay>(`${base(id)}/replay`, { from });
    client.setQueryData(monitorQuery(id).queryKey, (monitor) => monitor && { ...monitor, lag: replay.lag });
    void client.invalidateQueries({ queryKey: [MONITOR, String(id)] });
    return replay;
  };
}

/** Records an event that only this monitor is sent. */
export const sendTest = (id: number): Promise<MonitorTest> => api.post<MonitorTest>(`${base(id)}/test`);
