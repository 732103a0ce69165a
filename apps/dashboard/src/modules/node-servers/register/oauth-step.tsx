import { useQuery } from '@tanstack/react-query';
import { overviewQuery } from '../../../lib/overview';
import { t } from '../../../strings';
import { OAuthFields, RedirectUri } from '../../../ui/oauth-fields';
import { Card } from '../../../ui/page';
import { Switch } from '../../../ui/switch';
import type { Register } from './use-register';

/** The provider the node server signs in at, where it does. */
export function OAuthStep({ register: { values, set, field } }: { register: Register }) {
  const overview = useQuery(overviewQuery);
  const origin = overview.data?.publicUrl ?? location.origin;
  return (
    <Card title={t.provider.title}>
      <div className="flex flex-col gap-4">
        <Switch
          label={t.provider.has}
          hint={t.provider.hasHint}
          checked={values.hasOAuth}
          onChange={(has) => set('hasOAuth', has)}
        />
        {values.hasOAuth && (
          <>
            <RedirectUri uri={`${origin}/api/oauth/callback`} />
            <OAuthFields
              url={{ value: values.oauthUrl, onChange: (url) => set('oauthUrl', url), ...field('oauthUrl') }}
              clientId={{
                value: values.clientId,
                onChange: (id) => set('clientId', id),
                ...field('clientId'),
              }}
              clientSecret={{
                value: values.clientSecret,
                onChange: (secret) => set('clientSecret', secret),
                ...field('clientSecret'),
              }}
            />
          </>
        )}
      </div>
    </Card>
  );
}
