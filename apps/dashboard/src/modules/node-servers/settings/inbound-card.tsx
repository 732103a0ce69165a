import { type Inbound, NodeServerChange } from '@polyrelay/contract';
import { useForm } from '../../../lib/form';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { CopyButton } from '../../../ui/copy';
import { Facts } from '../../../ui/facts';
import { FormError } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import { Card } from '../../../ui/page';
import { Switch } from '../../../ui/switch';
import type { ServerFacts } from '../node-map';
import { useChange, useSendChange } from './use-change';

const words = {
  mapped: t.nodeSettings.inboundMapped,
  shared: t.nodeSettings.inboundShared,
  own: t.nodeSettings.inboundLocal,
  none: t.nodeSettings.inboundNone,
} satisfies Record<Inbound, string>;

/** Whether the outside reaches the worker, and at which port. */
export function InboundCard({ server }: { server: ServerFacts }) {
  const change = useChange(server);
  const { ingress } = server;
  return (
    <Card title={t.nodeSettings.inbound}>
      <Switch
        label={t.nodeSettings.inboundSwitch}
        hint={t.nodeSettings.inboundHint}
        checked={ingress !== null}
        isBusy={change.isPending}
        onChange={(on) => change.mutate({ ingress: on })}
      />
      {ingress && (
        <>
          <Facts
            facts={[
              {
                label: t.nodeSettings.inboundAddress,
                value:
                  ingress.port === null ? (
                    t.nodeSettings.inboundNoPort
                  ) : (
                    <Address text={`${ingress.host}:${ingress.port}`} />
                  ),
              },
            ]}
          />
          <p className="mt-2 text-soft">{words[ingress.inbound]}</p>
          {ingress.note !== '' && <p className="mt-2 text-soft">{ingress.note}</p>}
          {ingress.inbound === 'own' && <PortForm server={server} />}
        </>
      )}
    </Card>
  );
}

function Address({ text }: { text: string }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1">
      <code className="font-mono text-sm wrap-anywhere">{text}</code>
      <CopyButton text={text} what={t.nodeSettings.inboundAddress} />
    </span>
  );
}

/** The port of a worker that the user runs. */
function PortForm({ server }: { server: ServerFacts }) {
  const send = useSendChange(server);
  const toRequest = ({ port }: { port: string }) => ({
    ingressPort: port.trim() === '' ? null : Number(port),
  });
  const { values, set, field, form, formError, isBusy } = useForm({
    initial: { port: String(server.ingress?.port ?? '') },
    schema: NodeServerChange,
    toRequest,
    fieldOf: (path) => (path === 'ingressPort' ? 'port' : path),
    submit: (typed) => send(toRequest(typed)),
    onDone: () => toast.success(t.nodeSettings.saved),
  });
  return (
    <form {...form} className="mt-3 flex flex-col gap-4">
      <TextField
        label={t.nodeSettings.inboundPort}
        inputMode="numeric"
        value={values.port}
        onChange={(port) => set('port', port)}
        {...field('port')}
      />
      <FormError text={formError} />
      <Button type="submit" isBusy={isBusy} className="self-start">
        {t.ui.save}
      </Button>
    </form>
  );
}
