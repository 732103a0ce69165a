import type { OAuthOutcome, OAuthResult } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleX, Hourglass, type LucideIcon, ShieldAlert, TriangleAlert } from 'lucide-react';
import { useIsSignedIn } from '../../lib/session';
import { t } from '../../strings';
import { buttonClass } from '../../ui/button';
import { cx } from '../../ui/cx';
import { Facts } from '../../ui/facts';
import { RelativeTime } from '../../ui/time';
import { Progress } from './progress';

type Tone = 'good' | 'busy' | 'warn' | 'bad';

const looks: Record<OAuthOutcome, { tone: Tone; icon: LucideIcon }> = {
  started: { tone: 'busy', icon: Hourglass },
  approvalNeeded: { tone: 'warn', icon: ShieldAlert },
  waiting: { tone: 'busy', icon: Hourglass },
  delivered: { tone: 'busy', icon: Hourglass },
  linked: { tone: 'good', icon: CircleCheck },
  denied: { tone: 'warn', icon: CircleX },
  failed: { tone: 'bad', icon: TriangleAlert },
  expired: { tone: 'warn', icon: Hourglass },
  used: { tone: 'warn', icon: TriangleAlert },
  unknown: { tone: 'warn', icon: TriangleAlert },
  otherBrowser: { tone: 'bad', icon: ShieldAlert },
  wrongAccount: { tone: 'bad', icon: ShieldAlert },
  malformed: { tone: 'bad', icon: TriangleAlert },
};

const grounds: Record<Tone, string> = {
  good: 'bg-good-ground text-good',
  busy: 'bg-busy-ground text-busy',
  warn: 'bg-warn-ground text-warn',
  bad: 'bg-bad-ground text-bad',
};

const underWay: readonly OAuthOutcome[] = ['started', 'waiting', 'delivered', 'linked'];

/** A sentence may begin with “the node server”, when its name is not known. */
const capital = (text: string): string =>
  text.startsWith(t.oauth.theNodeServer) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

/** The outcome in plain words, how far it got, and the way on. */
export function OutcomeCard({ outcome, result }: { outcome: OAuthOutcome; result?: OAuthResult }) {
  const isSignedIn = useIsSignedIn();
  const { tone, icon: Icon } = looks[outcome];
  const server = result?.nodeServer ?? null;
  const words = t.oauth.outcomes[outcome];
  const name = server?.name ?? t.oauth.theNodeServer;
  return (
    <section
      aria-labelledby="outcome"
      className="rounded-xl border border-line bg-card p-6 shadow-card sm:p-8"
    >
      <span className={cx('mb-4 grid size-12 place-items-center rounded-full', grounds[tone])}>
        <Icon aria-hidden className="size-6" />
      </span>
      <div role="status">
        <h1 id="outcome" data-testid="outcome" data-outcome={outcome} className="text-xl font-semibold">
          {capital(words.title(name))}
        </h1>
        <p className="mt-1.5 text-soft">
          {capital(words.text(name, result?.provider ?? t.oauth.theProvider))}
        </p>
      </div>
      {underWay.includes(outcome) && <Progress outcome={outcome} />}
      {result && <Details result={result} />}
      <div className="mt-6 flex flex-wrap gap-2">
        {server ? (
          <Link
            to="/node-servers/$id"
            params={{ id: server.id }}
            search={underWay.includes(outcome) ? {} : { tab: 'notices' }}
            className={buttonClass('main')}
          >
            {t.oauth.toNodeServer(server.name)}
          </Link>
        ) : (
          isSignedIn && (
            <Link to="/node-servers" className={buttonClass('main')}>
              {t.oauth.toNodeServers}
            </Link>
          )
        )}
        <Link to="/" className={buttonClass('plain')}>
          {t.oauth.toOverview}
        </Link>
      </div>
    </section>
  );
}

function Details({ result }: { result: OAuthResult }) {
  const facts = [
    ...(result.provider ? [{ label: t.oauth.provider, value: <span>{result.provider}</span> }] : []),
    ...(result.error
      ? [
          {
            label: t.oauth.providerSaid,
            value: <code className="font-mono text-sm">{result.error}</code>,
          },
        ]
      : []),
    ...(result.errorDescription
      ? [{ label: t.oauth.inItsWords, value: <span>{result.errorDescription}</span> }]
      : []),
    { label: t.oauth.when, value: <RelativeTime at={result.at} /> },
    ...(result.expiresAt && result.outcome === 'waiting'
      ? [{ label: t.oauth.heldUntil, value: <RelativeTime at={result.expiresAt} /> }]
      : []),
  ];
  return (
    <div className="mt-5 border-t border-line pt-2">
      <Facts facts={facts} />
    </div>
  );
}
