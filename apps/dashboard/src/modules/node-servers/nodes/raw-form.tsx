import { type Node, NodeCommand } from '@polyrelay/contract';
import { Send } from 'lucide-react';
import { useForm } from '../../../lib/form';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { Fold } from '../../../ui/fold';
import { TextArea, TextField } from '../../../ui/input';
import { useSendCommand } from './use-commands';

interface Values {
  cmd: string;
  value: string;
  uom: string;
  params: string;
}

/** `NAME=value` lines as named parameters. */
function toRequest({ cmd, value, uom, params }: Values) {
  const named = params
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): [string, string] => {
      const at = line.indexOf('=');
      return at === -1 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    });
  return {
    cmd: cmd.trim(),
    ...(value.trim() ? { value: value.trim() } : {}),
    ...(uom.trim() ? { uom: uom.trim() } : {}),
    ...(named.length > 0 ? { params: Object.fromEntries(named) } : {}),
  };
}

/** Any command by hand, for what the profile does not describe. */
export function RawForm({ id, node }: { id: string; node: Node }) {
  const send = useSendCommand(id);
  const { values, set, field, form, formError, isBusy } = useForm<Values, unknown>({
    initial: { cmd: '', value: '', uom: '', params: '' },
    schema: NodeCommand,
    toRequest,
    fieldOf: (path) => path.split('.')[0] ?? path,
    submit: (typed) =>
      send.mutateAsync({
        address: node.address,
        name: node.name,
        command: toRequest(typed),
        label: typed.cmd.trim(),
      }),
  });
  return (
    <Fold title={t.nodes.sendMessage}>
      <form
        {...form}
        aria-label={t.nodes.sendMessage}
        className="mt-2 flex flex-col gap-3 rounded-md border border-line bg-card p-3"
      >
        <p className="text-sm text-soft">{t.nodes.sendMessageHint}</p>
        <div className="grid grid-cols-[2fr_1fr_1fr] gap-2">
          <TextField
            label={t.nodes.cmd}
            isMono
            placeholder="DON"
            value={values.cmd}
            onChange={(cmd) => set('cmd', cmd)}
            {...field('cmd')}
          />
          <TextField
            label={t.nodes.value}
            isMono
            value={values.value}
            onChange={(value) => set('value', value)}
            {...field('value')}
          />
          <TextField
            label={t.nodes.uom}
            isMono
            placeholder="51"
            value={values.uom}
            onChange={(uom) => set('uom', uom)}
            {...field('uom')}
          />
        </div>
        <TextArea
          label={t.nodes.params}
          isOptional
          rows={2}
          placeholder="RAMP.uom57=3"
          value={values.params}
          onChange={(params) => set('params', params)}
          {...field('params')}
        />
        <FormError text={formError} />
        <Button type="submit" size="sm" kind="main" icon={Send} isBusy={isBusy} className="self-start">
          {t.nodes.send}
        </Button>
      </form>
    </Fold>
  );
}
