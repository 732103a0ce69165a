import { type Channel, ChannelChange } from '@polyrelay/contract';
import { useForm } from '../../../lib/form';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import { Card } from '../../../ui/page';
import { useSendChange } from '../actions';
import { TopicField } from '../create/topic-field';
import { secondsOf, ttlErrors, ttlValues } from '../create/ttl';
import { TtlField } from '../create/ttl-field';

/** Name, how long messages are kept, and the topic that feeds it. */
export function GeneralForm({ channel }: { channel: Channel }) {
  const send = useSendChange(channel.id);
  const initial = {
    name: channel.name,
    topic: channel.topic ?? '',
    ...ttlValues(channel.messagesTtl),
  };
  const requestOf = ({ name, topic, ...ttl }: typeof initial) => ({
    name,
    topic: topic.trim() || null,
    messagesTtl: secondsOf(ttl),
  });
  const { values, set, touch, field, form, formError, isBusy } = useForm({
    initial,
    schema: ChannelChange,
    toRequest: requestOf,
    extra: ttlErrors,
    fieldOf: (path) => (path === 'messagesTtl' ? 'seconds' : path),
    submit: (typed) => send(requestOf(typed)),
    onDone: () => toast.success(t.channels.saved),
  });
  return (
    <Card title={t.channels.settings.general}>
      <form {...form} className="flex flex-col gap-4">
        <TextField
          label={t.channels.name}
          autoComplete="off"
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
        <Button type="submit" isBusy={isBusy} className="self-start">
          {t.ui.save}
        </Button>
      </form>
    </Card>
  );
}
