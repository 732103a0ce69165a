import type { NodeServerSummary } from '@polyrelay/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { base, listQuery } from './queries';

export type WorkerAction = 'start' | 'stop' | 'restart';

/** Starts, stops or restarts a worker and tells the result; the state itself arrives live. */
export function useWorkerAction() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, action }: { id: string; name: string; action: WorkerAction }) =>
      api.post<Pick<NodeServerSummary, 'id' | 'state' | 'stateReason'>>(`${base(id)}/${action}`),
    onSuccess: ({ state, stateReason }, { id, name, action }) => {
      client.setQueryData(listQuery.queryKey, (list) =>
        list?.map((each) => (each.id === id ? { ...each, state, stateReason } : each)),
      );
      toast.success(t.actions.done[action](name));
    },
    onError: (error, { name, action }) =>
      toast.error(t.actions.failed[action](name), { description: error.message }),
  });
}
