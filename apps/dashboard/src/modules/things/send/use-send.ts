import type { Message, MessageRequest } from '@polyrelay/contract';
import { useMutation } from '@tanstack/react-query';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { paths } from '../messages/queries';

/** Sends a message to a thing and tells what became of it; the rest arrives live. */
export function useSend(thingId: string) {
  return useMutation({
    mutationFn: (request: MessageRequest) => api.post<Message>(paths.list(thingId), request),
    onSuccess: ({ state }) => toast.success(t.send.sent[state ?? 'queued']),
  });
}
