import { useQuery } from '@tanstack/react-query';
import { overviewQuery } from '../../../lib/overview';
import { t } from '../../../strings';
import { ProviderFields } from '../../../ui/oauth-fields';
import { Card } from '../../../ui/page';
import type { Register } from './use-register';

/** The provider the node server signs in at, where it does. */
export function OAuthStep({ register: { values, set, field } }: { register: Register }) {
  const overview = useQuery(overviewQuery);
  const origin = overview.data?.publicUrl ?? location.origin;
  return (
    <Card title={t.provider.title}>
      <div className="flex flex-col gap-4">
        <ProviderFields
          {...{ values, set, field }}
          onHas={(has) => set('hasOAuth', has)}
          hint={t.provider.hasHint}
          redirectUri={`${origin}/api/oauth/callback`}
        />
      </div>
    </Card>
  );
}
