import { OAuthOutcome, type OAuthResult } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ApiError } from '../../lib/api';
import { useIsSignedIn } from '../../lib/session';
import { useLive } from '../../lib/use-live';
import { t } from '../../strings';
import { buttonClass } from '../../ui/button';
import { useTitle } from '../../ui/page';
import { Failure, Skeleton } from '../../ui/states';
import { Approval } from './approval';
import { OutcomeCard } from './outcome-card';
import { outcomeIn, resultQuery } from './queries';

const route = getRouteApi('/open/oauth/result');

/** Where the provider's answer ends for the user: what happened, in plain words, and what to do now. */
export default function ResultPage() {
  useTitle(t.oauth.title);
  const { id, outcome } = route.useSearch();
  return (
    <div className="mx-auto max-w-xl md:py-6">
      {id ? <LiveResult id={id} /> : <OutcomeCard outcome={parse(outcome)} />}
    </div>
  );
}

const parse = (outcome: string | undefined): OAuthOutcome =>
  OAuthOutcome.safeParse(outcome).data ?? 'unknown';

function LiveResult({ id }: { id: string }) {
  const client = useQueryClient();
  const isSignedIn = useIsSignedIn();
  const options = resultQuery(id);
  const result = useQuery(options);
  useLive(isSignedIn ? [`nodeServers/+/oauth/${id}`] : [], {
    keeps: [options.queryKey],
    onEvents: (events) => {
      const outcome = outcomeIn(events, id);
      if (!outcome) return;
      client.setQueryData(
        options.queryKey,
        (before: OAuthResult | undefined) => before && { ...before, outcome },
      );
      // The event holds the outcome alone; until when it is held, or the error, come with the answer.
      void client.invalidateQueries({ queryKey: options.queryKey });
    },
  });
  if (result.data?.outcome === 'approvalNeeded' && !isSignedIn) return <SignInFirst />;
  if (result.data)
    return result.data.outcome === 'approvalNeeded' ? (
      <Approval result={result.data} />
    ) : (
      <OutcomeCard outcome={result.data.outcome} result={result.data} />
    );
  if (result.error instanceof ApiError && result.error.status === 404)
    return <OutcomeCard outcome="unknown" />;
  if (result.error instanceof ApiError && result.error.status === 403)
    return <OutcomeCard outcome="wrongAccount" />;
  if (result.error instanceof ApiError && result.error.status === 401) return <SignInFirst />;
  if (result.error) return <Failure error={result.error} onRetry={() => void result.refetch()} />;
  return <Skeleton rows={2} className="h-24" />;
}

function SignInFirst() {
  return (
    <div className="flex flex-col items-center gap-4 rounded-xl border border-line bg-card p-6 text-center shadow-card sm:p-8">
      <h1 className="text-xl font-semibold">{t.oauth.signInTitle}</h1>
      <p className="text-soft">{t.oauth.signInText}</p>
      <Link
        to="/sign-in"
        search={{ next: `${location.pathname}${location.search}` }}
        className={buttonClass('main')}
      >
        {t.signIn.action}
      </Link>
    </div>
  );
}
