import type { Channel, ChannelChange } from '@polyrelay/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { base, CHANNELS, channelQuery } from './queries';

/** Sends a change of a channel; the answer takes the place of what is cached, but for the messages that came since. */
export function useSendChange(id: number): (change: ChannelChange) => Promise<Channel> {
  const client = useQueryClient();
  return async (change) => {
    const channel = await api.patch<Channel>(base(id), change);
    client.setQueryData(channelQuery(id).queryKey, (known) => {
      if (!known || known.nextKey <= channel.nextKey) return channel;
      const { firstKey, nextKey, messages, messagesSize, lastMessageAt } = known;
      return { ...channel, firstKey, nextKey, messages, messagesSize, lastMessageAt };
    });
    void client.invalidateQueries({ queryKey: [CHANNELS] });
    return channel;
  };
}

/** The same for a single switch, with its result as a toast. */
export function useChange(id: number) {
  return useMutation({
    mutationFn: useSendChange(id),
    onSuccess: () => toast.success(t.channels.saved),
    onError: (error) => toast.error(t.channels.notSaved, { description: error.message }),
  });
}
