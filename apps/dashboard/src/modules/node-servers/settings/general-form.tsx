import { NodeServerChange } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useForm } from '../../../lib/form';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import { Card } from '../../../ui/page';
import { SelectField } from '../../../ui/select';
import { SlotOptions } from '../../../ui/slot-options';
import type { ServerFacts } from '../node-map';
import { controllersQuery, listQuery } from '../queries';
import { useSendChange } from './use-change';

/** Its name and its place on the controller. */
export function GeneralForm({ server }: { server: ServerFacts }) {
  const client = useQueryClient();
  const send = useSendChange(server);
  const { data: controllers = [] } = useQuery(controllersQuery);
  const { data: servers = [] } = useQuery(listQuery);
  const { source } = server;
  const place = placeOf(source);
  const toRequest = ({ name, slot, place: typed }: { name: string; slot: string; place: string }) => ({
    name,
    slot: Number(slot),
    // As it was, it is not sent: a password in it is not shown here.
    ...(typed === place ? {} : { source: withPlace(source, typed.trim()) }),
  });
  const { values, set, field, form, formError, isBusy } = useForm({
    initial: { name: server.name, slot: String(server.slot), place },
    schema: NodeServerChange,
    toRequest,
    fieldOf: (path) => (path.startsWith('source') ? 'place' : path),
    submit: (typed) => send(toRequest(typed)),
    onDone: () => {
      void client.invalidateQueries({ queryKey: controllersQuery.queryKey });
      toast.success(t.nodeSettings.saved);
    },
  });
  return (
    <Card title={t.nodeSettings.general}>
      <form {...form} className="flex flex-col gap-4">
        <TextField
          label={t.nodeSettings.name}
          value={values.name}
          onChange={(name) => set('name', name)}
          {...field('name')}
        />
        <SelectField
          label={t.register.slot}
          hint={t.nodeSettings.slotHint(server.controllerName)}
          value={values.slot}
          onChange={(slot) => set('slot', slot)}
          {...field('slot')}
        >
          <SlotOptions
            controller={controllers.find(({ id }) => id === server.controllerId)}
            servers={servers}
            own={server.slot}
          />
        </SelectField>
        {place !== '' && (
          <TextField
            label={source !== null && 'git' in source ? t.register.gitUrl : t.register.folderPath}
            hint={t.nodeSettings.sourceHint}
            isMono
            value={values.place}
            onChange={(typed) => set('place', typed)}
            {...field('place')}
          />
        )}
        <FormError text={formError} />
        <Button type="submit" isBusy={isBusy} className="self-start">
          {t.ui.save}
        </Button>
      </form>
    </Card>
  );
}

/** Where its program is, as one types it; empty for a zip, and where the service has no program of it. */
function placeOf(source: ServerFacts['source']): string {
  if (source === null || 'archive' in source) return '';
  return 'git' in source ? source.git : source.folder;
}

function withPlace(source: ServerFacts['source'], place: string) {
  return source !== null && 'git' in source
    ? { git: place, ...(source.ref === undefined ? {} : { ref: source.ref }) }
    : { folder: place };
}
