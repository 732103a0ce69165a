import { NodeServerChange } from '@polyrelay/contract';
import { useState } from 'react';
import { useForm } from '../../../lib/form';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ConfirmDialog } from '../../../ui/confirm';
import { FormError } from '../../../ui/field';
import { OAuthFields, RedirectUri } from '../../../ui/oauth-fields';
import { Card } from '../../../ui/page';
import type { ServerFacts } from '../node-map';
import { useSendChange } from './use-change';

const fields: Record<string, string> = {
  'oauth.url': 'url',
  'oauth.clientId': 'clientId',
  'oauth.clientSecret': 'clientSecret',
};

/** The OAuth provider the node server signs in at. */
export function ProviderForm({ server }: { server: ServerFacts }) {
  const send = useSendChange(server);
  const [isRemoving, setRemoving] = useState(false);
  const { oauth } = server;
  const toRequest = ({
    url,
    clientId,
    clientSecret,
  }: {
    url: string;
    clientId: string;
    clientSecret: string;
  }) => ({
    oauth: { url: url.trim(), clientId: clientId.trim(), clientSecret },
  });
  const { values, set, field, form, formError, isBusy, reset } = useForm({
    initial: { url: oauth?.url ?? '', clientId: oauth?.clientId ?? '', clientSecret: '' },
    schema: NodeServerChange,
    toRequest,
    fieldOf: (path) => fields[path] ?? path,
    submit: (typed) => send(toRequest(typed)),
    onDone: (_, typed) => {
      reset({ ...typed, clientSecret: '' });
      toast.success(t.provider.saved);
    },
  });
  const remove = async () => {
    await send({ oauth: null });
    reset({ url: '', clientId: '', clientSecret: '' });
    toast.success(t.provider.removed);
  };
  return (
    <Card title={t.provider.title}>
      <form {...form} className="flex flex-col gap-4">
        <RedirectUri uri={server.redirectUri} />
        <OAuthFields
          url={{ value: values.url, onChange: (url) => set('url', url), ...field('url') }}
          clientId={{ value: values.clientId, onChange: (id) => set('clientId', id), ...field('clientId') }}
          clientSecret={{
            value: values.clientSecret,
            onChange: (secret) => set('clientSecret', secret),
            ...field('clientSecret'),
          }}
          hasSecret={oauth?.hasClientSecret === true}
        />
        <FormError text={formError} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" isBusy={isBusy}>
            {t.provider.save}
          </Button>
          {oauth && (
            <Button kind="dangerQuiet" onClick={() => setRemoving(true)}>
              {t.provider.remove}
            </Button>
          )}
        </div>
      </form>
      <ConfirmDialog
        isOpen={isRemoving}
        onClose={() => setRemoving(false)}
        title={t.provider.removeTitle}
        action={t.provider.remove}
        onConfirm={remove}
      >
        {t.provider.removeText}
      </ConfirmDialog>
    </Card>
  );
}
