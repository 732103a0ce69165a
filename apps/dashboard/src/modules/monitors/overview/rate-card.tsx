import type { Monitor } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useMemo } from 'react';
import { count } from '../../../lib/format';
import { useNow } from '../../../lib/now';
import { timesOf, totals, upTo } from '../../../lib/rate';
import { useLive } from '../../../lib/use-live';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { Card } from '../../../ui/page';
import type { Series } from '../../../ui/plot';
import { Bone, Failure } from '../../../ui/states';
import { RelativeTime } from '../../../ui/time';
import { lagOf, rateOf } from '../status';
import { addSent, LENGTH_MS, sentQuery } from './sent';

const Plot = lazy(() => import('../../../ui/plot').then((module) => ({ default: module.Plot })));
const HEIGHT = 160;

/** How much is sent now and lately, and what waits. */
export function RateCard({ monitor }: { monitor: Monitor }) {
  const now = useNow();
  const { data, error, retry } = useSent(monitor, now);
  const series = useMemo((): Series[] => {
    if (!data) return [];
    const begins = timesOf(data);
    const { events } = data.counts;
    // The last span has an end, too: else its step would have no width.
    const times = [...begins, ...begins.slice(-1).map((at) => at + data.stepSeconds * 1000)];
    return [
      { label: t.monitors.rate.events, times, values: [...events, ...events.slice(-1)], format: count },
    ];
  }, [data]);
  const { rate: words } = t.monitors;
  const rate = rateOf(monitor, Math.max(now, Date.now() - 10_000));
  return (
    <Card title={words.title}>
      <dl className="mb-3 flex flex-wrap gap-x-8 gap-y-2">
        <Figure label={words.now} tone={rate > 0 ? 'text-good' : ''}>
          {t.monitors.perSecond(rate)}
        </Figure>
        <Figure label={words.waiting} tone={monitor.lag.events > 0 ? 'text-warn' : ''}>
          {lagOf(monitor)}
        </Figure>
        <Figure label={words.lastSent}>
          <RelativeTime at={monitor.lastSent} otherwise={t.monitors.neverSent} />
        </Figure>
      </dl>
      {data ? (
        <>
          <Suspense fallback={<Bone className="h-40" />}>
            <Plot series={series} height={HEIGHT} areCounts label={words.label(count(totals(data).events))} />
          </Suspense>
          <p className="text-sm text-soft">{words.total(totals(data).events)}</p>
        </>
      ) : error ? (
        <Failure error={error} onRetry={retry} />
      ) : (
        <Bone className="h-40" />
      )}
    </Card>
  );
}

const Figure = ({ label, tone, children }: { label: string; tone?: string; children: ReactNode }) => (
  <div>
    <dt className="text-sm text-faint">{label}</dt>
    <dd className={cx('text-lg font-semibold', tone)}>{children}</dd>
  </div>
);

/** Events sent in the last minutes, growing with what is told and moving on with the time. */
function useSent({ id, sentEvents }: Monitor, now: number) {
  const client = useQueryClient();
  const query = sentQuery(id, sentEvents);
  const sent = useQuery(query);
  useLive(['monitors/progress'], {
    keeps: [query.queryKey],
    onEvents: (events) =>
      client.setQueryData(query.queryKey, (known) => known && addSent(known, events, id, Date.now())),
  });
  const data = useMemo(() => sent.data && upTo(sent.data.rate, now, LENGTH_MS), [sent.data, now]);
  return { data, error: sent.error, retry: () => void sent.refetch() };
}
