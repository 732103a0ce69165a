import type { ReactNode } from 'react';
import { t } from '../strings';
import { CopyButton } from './copy';
import { PasswordField, TextField } from './input';
import { Switch } from './switch';

interface FieldState {
  value: string;
  onChange: (value: string) => void;
  name?: string;
  error?: string | undefined;
  onBlur?: () => void;
}

/** What the provider's console gave: address, client id and secret. */
export function OAuthFields({
  url,
  clientId,
  clientSecret,
  hasSecret,
}: {
  url: FieldState;
  clientId: FieldState;
  clientSecret: FieldState;
  hasSecret?: boolean;
}) {
  return (
    <>
      <TextField
        label={t.provider.url}
        hint={t.provider.urlHint}
        type="url"
        isMono
        placeholder="https://…/authorize?client_id=…&response_type=code&state="
        {...url}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField label={t.provider.clientId} isMono autoComplete="off" {...clientId} />
        <PasswordField
          label={t.provider.clientSecret}
          isOptional
          hint={hasSecret ? t.provider.secretKept : undefined}
          autoComplete="off"
          {...clientSecret}
        />
      </div>
    </>
  );
}

interface ProviderValues {
  hasOAuth: boolean;
  oauthUrl: string;
  clientId: string;
  clientSecret: string;
}

type TextName = 'oauthUrl' | 'clientId' | 'clientSecret';

interface ProviderProps {
  values: ProviderValues;
  set: (name: TextName, value: string) => void;
  onHas: (has: boolean) => void;
  field: (name: TextName) => Pick<FieldState, 'name' | 'error' | 'onBlur'>;
  hint: string;
  redirectUri: string;
  /** Where the provider's console is. */
  children?: ReactNode;
}

/** Whether a new node server signs in at a provider, and what that gave for it. */
export function ProviderFields({ values, set, onHas, field, hint, redirectUri, children }: ProviderProps) {
  const text = (name: TextName): FieldState => ({
    value: values[name],
    onChange: (value) => set(name, value),
    ...field(name),
  });
  return (
    <>
      <Switch label={t.provider.has} hint={hint} checked={values.hasOAuth} onChange={onHas} />
      {values.hasOAuth && (
        <>
          {children}
          <RedirectUri uri={redirectUri} />
          <OAuthFields
            url={text('oauthUrl')}
            clientId={text('clientId')}
            clientSecret={text('clientSecret')}
          />
        </>
      )}
    </>
  );
}

/** What to enter at the provider, ready to copy. */
export function RedirectUri({ uri }: { uri: string }) {
  return (
    <div className="rounded-md bg-sunken px-3 py-2.5">
      <p className="text-sm font-medium">{t.provider.redirectUri}</p>
      <p className="flex items-center gap-1">
        <code data-testid="redirect-uri" className="min-w-0 font-mono text-sm break-all">
          {uri}
        </code>
        <CopyButton text={uri} what={t.provider.redirectUri} />
      </p>
      <p className="mt-0.5 text-sm text-soft">{t.provider.redirectHint}</p>
    </div>
  );
}
