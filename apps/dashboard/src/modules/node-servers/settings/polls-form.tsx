import { PollsRequest } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../../lib/api';
import { useForm } from '../../../lib/form';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import { Card } from '../../../ui/page';
import type { ServerData, ServerFacts } from '../node-map';
import { base, serverQuery } from '../queries';

/** How often the worker is to look: the short and the long poll. */
export function PollsForm({ server }: { server: ServerFacts }) {
  const client = useQueryClient();
  const { values, set, field, form, formError, isBusy } = useForm({
    initial: { shortPoll: String(server.shortPoll), longPoll: String(server.longPoll) },
    schema: PollsRequest,
    submit: ({ shortPoll, longPoll }) =>
      api.put(`${base(server.id)}/polls`, { shortPoll: Number(shortPoll), longPoll: Number(longPoll) }),
    onDone: (_, typed) => {
      const polls = { shortPoll: Number(typed.shortPoll), longPoll: Number(typed.longPoll) };
      client.setQueryData<ServerData>(
        serverQuery(server.id).queryKey,
        (data) => data && { ...data, server: { ...data.server, ...polls } },
      );
      toast.success(t.nodeSettings.pollsSaved);
    },
  });
  return (
    <Card title={t.nodeSettings.polls}>
      <form {...form} className="flex flex-col gap-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField
            label={t.nodeSettings.shortPoll}
            hint={t.nodeSettings.shortPollHint}
            inputMode="numeric"
            value={values.shortPoll}
            onChange={(value) => set('shortPoll', value)}
            {...field('shortPoll')}
          />
          <TextField
            label={t.nodeSettings.longPoll}
            hint={t.nodeSettings.longPollHint}
            inputMode="numeric"
            value={values.longPoll}
            onChange={(value) => set('longPoll', value)}
            {...field('longPoll')}
          />
        </div>
        <FormError text={formError} />
        <Button type="submit" isBusy={isBusy} className="self-start">
          {t.nodeSettings.savePolls}
        </Button>
      </form>
    </Card>
  );
}
