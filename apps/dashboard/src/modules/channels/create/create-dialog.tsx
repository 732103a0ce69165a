import { type Channel, ChannelRequest } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { FormError } from '../../../ui/field';
import { CHANNELS, channelQuery } from '../queries';
import { ChannelFields, useChannelForm } from './channel-form';

/** Asks for a name, how long messages are kept, and a topic that feeds it. */
export const CreateDialog = ({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) => (
  <Dialog isOpen={isOpen} onClose={onClose} title={t.channels.create} description={t.channels.createText}>
    <CreateForm onClose={onClose} />
  </Dialog>
);

function CreateForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useChannelForm<Channel>({
    schema: ChannelRequest,
    send: (settings) => api.post<Channel>('/api/channels', settings),
    onDone: (channel) => {
      client.setQueryData(channelQuery(channel.id).queryKey, channel);
      void client.invalidateQueries({ queryKey: [CHANNELS] });
      toast.success(t.channels.created(channel.name));
      void navigate({ to: '/channels/$id', params: { id: String(channel.id) } });
    },
  });
  return (
    <form {...form.form} className="flex flex-col gap-4">
      <ChannelFields form={form} isNew />
      <FormError text={form.formError} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t.ui.cancel}</Button>
        <Button type="submit" kind="main" isBusy={form.isBusy}>
          {t.channels.create}
        </Button>
      </div>
    </form>
  );
}
