import type { CommandAnswer, NodeCommand } from '@polyrelay/contract';
import { useMutation } from '@tanstack/react-query';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { base } from '../queries';

interface Target {
  address: string;
  /** What to call it in the toast. */
  name: string;
}

/** Tells how sending went: handed over, or nobody there to take it. */
function tell({ delivered }: CommandAnswer, sent: string): void {
  if (delivered) toast.success(sent);
  else toast.warning(t.nodes.notDelivered, { description: t.nodes.notDeliveredHint });
}

/** Sends a command to a node. */
export function useSendCommand(id: string) {
  return useMutation({
    mutationFn: ({ address, command }: Target & { command: NodeCommand; label: string }) =>
      api.post<CommandAnswer>(`${base(id)}/nodes/${encodeURIComponent(address)}/commands`, command),
    onSuccess: (answer, { name, label }) => tell(answer, t.nodes.sent(label, name)),
    onError: (error, { label }) => toast.error(t.nodes.notSent(label), { description: error.message }),
  });
}

/** Asks a node, or all with the address `all`, to report its values. */
export function useQueryNode(id: string) {
  return useMutation({
    mutationFn: ({ address }: Target) =>
      api.post<CommandAnswer>(`${base(id)}/nodes/${encodeURIComponent(address)}/query`),
    onSuccess: (answer, { name }) => tell(answer, t.nodes.queried(name)),
    onError: (error) => toast.error(t.nodes.notQueried, { description: error.message }),
  });
}
