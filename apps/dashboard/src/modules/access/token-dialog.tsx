import { AccessTokenRequest, type CreatedAccessToken } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api';
import { useForm } from '../../lib/form';
import { t } from '../../strings';
import { Button } from '../../ui/button';
import { CodeBlock } from '../../ui/code-block';
import { CopyButton, CopyWideButton } from '../../ui/copy';
import { Dialog } from '../../ui/dialog';
import { FormError } from '../../ui/field';
import { Fold } from '../../ui/fold';
import { TextField } from '../../ui/input';
import { SelectField } from '../../ui/select';
import { tokensQuery } from './queries';
import { RightsFields } from './rights-fields';
import { accessOf, initialRights, rightsErrors } from './token-rights';

const DAY_MS = 86_400_000;
const lifetimes = ['30', '90', '365', 'never'] as const;

/** Where an error of the request stands in the form. */
const fieldOf = (path: string): string =>
  path === 'expiresAt'
    ? 'lifetime'
    : path.startsWith('access')
      ? path.endsWith('topic')
        ? 'topic'
        : 'kind'
      : path;

/** Asks for a name, a lifetime and what it may do, then shows the token: the only time it can be seen. */
export function NewTokenDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [created, setCreated] = useState<CreatedAccessToken | null>(null);
  const close = () => {
    setCreated(null);
    onClose();
  };
  return (
    <Dialog isOpen={isOpen} onClose={close} title={created ? t.tokens.createdTitle : t.tokens.add}>
      {created ? (
        <Created token={created} onClose={close} />
      ) : (
        <NewTokenForm onCreated={setCreated} onClose={close} />
      )}
    </Dialog>
  );
}

function NewTokenForm({
  onCreated,
  onClose,
}: {
  onCreated: (token: CreatedAccessToken) => void;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const { values, set, field, form, formError, isBusy } = useForm({
    initial: { name: '', lifetime: '90', ...initialRights },
    schema: AccessTokenRequest,
    toRequest: ({ name, lifetime: _, ...rights }) => ({ name, access: accessOf(rights) }),
    extra: rightsErrors,
    fieldOf,
    submit: ({ name, lifetime, ...rights }) =>
      api.post<CreatedAccessToken>('/api/access-tokens', {
        name,
        access: accessOf(rights),
        ...(lifetime === 'never'
          ? {}
          : { expiresAt: new Date(Date.now() + Number(lifetime) * DAY_MS).toISOString() }),
      }),
    onDone: (token) => {
      onCreated(token);
      void client.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
  return (
    <form {...form} className="flex flex-col gap-4">
      <TextField
        label={t.tokens.name}
        hint={t.tokens.nameHint}
        autoFocus
        value={values.name}
        onChange={(name) => set('name', name)}
        {...field('name')}
      />
      <SelectField
        label={t.tokens.lifetime}
        value={values.lifetime}
        onChange={(value) => set('lifetime', value)}
        {...field('lifetime')}
      >
        {lifetimes.map((value) => (
          <option key={value} value={value}>
            {t.tokens.lifetimes[value]}
          </option>
        ))}
      </SelectField>
      <RightsFields
        values={values}
        // What is set is of the form’s type: a part of it.
        set={(name, value) => set(name, value as never)}
        field={field}
      />
      <FormError text={formError} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t.ui.cancel}</Button>
        <Button type="submit" kind="main" isBusy={isBusy}>
          {t.tokens.create}
        </Button>
      </div>
    </form>
  );
}

/** Calls that work as soon as they are pasted. */
function examples(token: string) {
  const header = `-H 'Authorization: Bearer ${token}'`;
  const things = `${location.origin}/api/things`;
  return [
    { label: t.tokens.listThings, text: `curl ${header} \\\n  ${things}` },
    {
      label: t.tokens.sendToThing,
      text: `curl ${header} -H 'Content-Type: application/json' -d '{"text": "hello"}' \\\n  ${things}/${t.tokens.thingId}/messages`,
    },
  ];
}

function Created({ token, onClose }: { token: CreatedAccessToken; onClose: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <p className="text-soft">{t.tokens.createdText}</p>
      <code data-testid="new-token" className="rounded-md bg-sunken p-3 font-mono text-sm break-all">
        {token.token}
      </code>
      {/* These calls are of no use to a token that is for channels and topics. */}
      {token.access.kind !== 'acl' && (
        <Fold title={t.tokens.tryIt}>
          <div className="mt-2 flex flex-col gap-3">
            {examples(token.token).map(({ label, text }) => (
              <div key={label} className="min-w-0">
                <div className="flex items-center justify-between text-sm font-medium">
                  {label}
                  <CopyButton text={text} what={label} />
                </div>
                <CodeBlock label={label} text={text} />
              </div>
            ))}
          </div>
        </Fold>
      )}
      <div className="flex justify-end gap-2">
        <CopyWideButton text={token.token} what={t.tokens.token} />
        <Button kind="main" onClick={onClose}>
          {t.tokens.kept}
        </Button>
      </div>
    </div>
  );
}
