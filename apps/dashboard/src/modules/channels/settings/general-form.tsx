import { type Channel, ChannelChange } from '@polyrelay/contract';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { Card } from '../../../ui/page';
import { useSendChange } from '../actions';
import { ChannelFields, useChannelForm } from '../create/channel-form';

/** Name, how long messages are kept, and the topic that feeds it. */
export function GeneralForm({ channel }: { channel: Channel }) {
  const send = useSendChange(channel.id);
  const form = useChannelForm({
    channel,
    schema: ChannelChange,
    send,
    onDone: () => toast.success(t.channels.saved),
  });
  return (
    <Card title={t.channels.settings.general}>
      <form {...form.form} className="flex flex-col gap-4">
        <ChannelFields form={form} />
        <FormError text={form.formError} />
        <Button type="submit" isBusy={form.isBusy} className="self-start">
          {t.ui.save}
        </Button>
      </form>
    </Card>
  );
}
