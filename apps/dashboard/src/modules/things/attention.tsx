import type { Policy } from '@polyrelay/contract';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { day } from '../../lib/format';
import type { Attention, AttentionItem } from '../../lib/module';
import { useNow } from '../../lib/now';
import { policyQuery } from '../../lib/policy';
import { useUser } from '../../lib/session';
import { t } from '../../strings';
import { buttonClass } from '../../ui/button';
import { countsQuery, POLICIES, waitingQuery } from './queries';
import { StartHere } from './start-here';

const DAY_MS = 86_400_000;
/** From this part of a limit on, it needs a look. */
const NEAR = 0.9;

/** Things that were made and never seen to run, and limits that are nearly used up. */
export function useAttention(): Attention {
  const counts = useQuery(countsQuery);
  const waiting = useInfiniteQuery(waitingQuery);
  const policy = useQuery(policyQuery);
  const isAdmin = useUser().role === 'admin';
  const now = useNow();
  const isReady = [counts, waiting, policy].every(({ data, error }) => Boolean(data ?? error));
  if (!isReady || !counts.data) return { isReady, items: [] };
  const forgotten = (waiting.data?.pages ?? [])
    .flatMap(({ items }) => items)
    .filter(
      ({ status, enabled, createdAt }) =>
        status === 'created' && enabled && now - Date.parse(createdAt) > DAY_MS,
    )
    .map(
      ({ id, name, createdAt }): AttentionItem => ({
        id: `thing ${id}`,
        severity: 'info',
        subject: (
          <Link to="/things/$id" params={{ id }} className="font-semibold hover:underline">
            {name}
          </Link>
        ),
        body: t.things.neverVerified,
        since: createdAt,
        actions: (
          <Link
            to="/things/$id"
            params={{ id }}
            search={{ tab: 'sdk' }}
            className={buttonClass('plain', 'sm')}
          >
            {t.things.getSoftware}
          </Link>
        ),
      }),
    );
  const { total, connected } = counts.data;
  return {
    isReady,
    items: [...(policy.data ? limitItems(policy.data, isAdmin) : []), ...forgotten],
    ...(total === 0
      ? { start: <StartHere kind="plain" /> }
      : { summary: t.things.connectedCount(connected, total) }),
  };
}

function limitItems({ limits, usage, periodStart, periodEnd }: Policy, isAdmin: boolean): AttentionItem[] {
  return (['things', 'collected', 'published'] as const).flatMap((what): AttentionItem[] => {
    const limit = limits[what];
    const used = usage[what];
    if (limit === null || used < limit * NEAR) return [];
    return [
      {
        id: `limit ${what}`,
        severity: used >= limit ? 'bad' : 'warn',
        subject: <span className="font-semibold">{t.things.limits[what]}</span>,
        body:
          what === 'things'
            ? t.things.limitThings(used, limit)
            : t.things.limitMessages(used, limit, day(Date.parse(periodEnd))),
        since: what === 'things' ? null : periodStart,
        actions: isAdmin ? (
          <Link to={POLICIES} className={buttonClass('plain', 'sm')}>
            {t.things.toPolicies}
          </Link>
        ) : null,
      },
    ];
  });
}
