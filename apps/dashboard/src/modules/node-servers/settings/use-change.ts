import type { NodeServer, NodeServerChange } from '@polyrelay/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { type ServerFacts, toServerData } from '../node-map';
import { base, serverQuery } from '../queries';

/** Sends a change of a node server; the answer takes the place of what is cached. */
export function useSendChange(server: ServerFacts): (change: NodeServerChange) => Promise<NodeServer> {
  const client = useQueryClient();
  return async (change) => {
    const changed = await api.patch<NodeServer>(base(server.id), change);
    client.setQueryData(serverQuery(server.id).queryKey, toServerData(changed));
    return changed;
  };
}

/** The same for a single switch, with its result as a toast. */
export function useChange(server: ServerFacts) {
  const send = useSendChange(server);
  return useMutation({
    mutationFn: send,
    onSuccess: () => toast.success(t.nodeSettings.saved),
    onError: (error) => toast.error(t.nodeSettings.notSaved, { description: error.message }),
  });
}
