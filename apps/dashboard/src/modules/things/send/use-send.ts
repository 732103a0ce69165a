import type { Message, MessageRequest, Thing } from '@polyrelay/contract';
import { useMutation } from '@tanstack/react-query';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { paths } from '../messages/queries';
import { useIsAway } from '../reach';

/** Sends a message to a thing and says that it is on its way; what becomes of it arrives live. */
export function useSend({ id, connected }: Pick<Thing, 'id' | 'connected'>) {
  const isAway = useIsAway({ connected });
  return useMutation({
    mutationFn: (request: MessageRequest) => api.post<Message>(paths.list(id), request),
    onSuccess: () => toast.success(isAway ? t.send.sent.later : t.send.sent.now),
  });
}
