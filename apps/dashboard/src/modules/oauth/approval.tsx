import type { OAuthResult } from '@polyrelay/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { api } from '../../lib/api';
import { useUser } from '../../lib/session';
import { t } from '../../strings';
import { Button, buttonClass } from '../../ui/button';
import { Facts } from '../../ui/facts';
import { FormError } from '../../ui/field';
import { RelativeTime } from '../../ui/time';
import { resultQuery } from './queries';

/** The link was used outside the dashboard: its owner decides whether the answer may go to the worker. */
export function Approval({ result }: { result: OAuthResult }) {
  const client = useQueryClient();
  const user = useUser();
  const name = result.nodeServer?.name ?? t.oauth.theNodeServer;
  const approve = useMutation({
    mutationFn: () => api.post<OAuthResult>('/api/oauth/approve', { id: result.id }),
    onSuccess: (next) => client.setQueryData(resultQuery(result.id).queryKey, next),
  });
  return (
    <section className="rounded-xl border border-line bg-card p-6 shadow-card sm:p-8">
      <span className="mb-4 grid size-12 place-items-center rounded-full bg-warn-ground text-warn">
        <ShieldAlert aria-hidden className="size-6" />
      </span>
      <h1 data-testid="outcome" data-outcome="approvalNeeded" className="text-xl font-semibold">
        {t.oauth.outcomes.approvalNeeded.title(name)}
      </h1>
      <p className="mt-1.5 text-soft">
        {t.oauth.outcomes.approvalNeeded.text(name, result.provider ?? t.oauth.theProvider)}
      </p>
      <div className="mt-4 border-y border-line">
        <Facts
          facts={[
            ...(result.provider ? [{ label: t.oauth.asks, value: result.provider }] : []),
            {
              label: t.oauth.forNodeServer,
              value: <strong className="font-semibold">{name}</strong>,
            },
            { label: t.oauth.asUser, value: user.email },
            { label: t.oauth.when, value: <RelativeTime at={result.at} /> },
            ...(result.expiresAt
              ? [{ label: t.oauth.openUntil, value: <RelativeTime at={result.expiresAt} /> }]
              : []),
          ]}
        />
      </div>
      <p className="mt-4 text-sm text-soft">{t.oauth.approveHint}</p>
      <div className="mt-3">
        <FormError text={approve.error?.message} />
      </div>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button kind="main" icon={ShieldCheck} isBusy={approve.isPending} onClick={() => approve.mutate()}>
          {t.oauth.approve}
        </Button>
        {result.nodeServer ? (
          <Link to="/node-servers/$id" params={{ id: result.nodeServer.id }} className={buttonClass('plain')}>
            {t.oauth.doNot}
          </Link>
        ) : (
          <Link to="/" className={buttonClass('plain')}>
            {t.oauth.doNot}
          </Link>
        )}
      </div>
    </section>
  );
}
