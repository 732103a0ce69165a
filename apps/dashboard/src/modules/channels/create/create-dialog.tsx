import { type Channel, ChannelRequest } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../../../lib/api';
import { useForm } from '../../../lib/form';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { FormError } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import { CHANNELS, channelQuery } from '../queries';
import { TopicField } from './topic-field';
import { secondsOf, ttlErrors, ttlValues } from './ttl';
import { TtlField } from './ttl-field';

const initial = { name: '', topic: '', ...ttlValues() };

/** What the contract takes, of what is typed. */
const requestOf = ({ name, topic, ...ttl }: typeof initial) => ({
  name,
  topic: topic.trim() || null,
  messagesTtl: secondsOf(ttl),
});

/** Asks for a name, how long messages are kept, and a topic that feeds it. */
export const CreateDialog = ({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) => (
  <Dialog isOpen={isOpen} onClose={onClose} title={t.channels.create} description={t.channels.createText}>
    <CreateForm onClose={onClose} />
  </Dialog>
);

function CreateForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { values, set, touch, field, form, formError, isBusy } = useForm({
    initial,
    schema: ChannelRequest,
    toRequest: requestOf,
    extra: ttlErrors,
    fieldOf: (path) => (path === 'messagesTtl' ? 'seconds' : path),
    submit: (typed) => api.post<Channel>('/api/channels', requestOf(typed)),
    onDone: (channel) => {
      client.setQueryData(channelQuery(channel.id).queryKey, channel);
      void client.invalidateQueries({ queryKey: [CHANNELS] });
      toast.success(t.channels.created(channel.name));
      void navigate({ to: '/channels/$id', params: { id: String(channel.id) } });
    },
  });
  return (
    <form {...form} className="flex flex-col gap-4">
      <TextField
        label={t.channels.name}
        autoFocus
        autoComplete="off"
        placeholder={t.channels.nameExample}
        value={values.name}
        onChange={(name) => set('name', name)}
        {...field('name')}
      />
      <TtlField values={values} set={set} field={field} />
      <TopicField
        {...field('topic')}
        value={values.topic}
        onChange={(topic) => {
          set('topic', topic);
          touch('topic');
        }}
      />
      <FormError text={formError} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t.ui.cancel}</Button>
        <Button type="submit" kind="main" isBusy={isBusy}>
          {t.channels.create}
        </Button>
      </div>
    </form>
  );
}
