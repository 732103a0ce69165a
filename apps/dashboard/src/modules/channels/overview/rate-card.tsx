import { lazy, Suspense, useMemo, useState } from 'react';
import { count, duration } from '../../../lib/format';
import { timesOf, totals } from '../../../lib/rate';
import { t } from '../../../strings';
import { Card } from '../../../ui/page';
import type { Series } from '../../../ui/plot';
import { Segmented } from '../../../ui/segmented';
import { Bone, Failure } from '../../../ui/states';
import { type Range, ranges } from './queries';
import { useRate } from './use-rate';

const Plot = lazy(() => import('../../../ui/plot').then((module) => ({ default: module.Plot })));
const HEIGHT = 200;

/** How many messages came, span by span. */
export function RateCard({ id }: { id: number }) {
  const [range, setRange] = useState<Range>('1h');
  const { data, error, retry } = useRate(id, range);
  const series = useMemo((): Series[] => {
    if (!data) return [];
    const begins = timesOf(data);
    const { messages } = data.counts;
    // The last span has an end, too: else its step would have no width.
    const times = [...begins, ...begins.slice(-1).map((at) => at + data.stepSeconds * 1000)];
    return [
      { label: t.channels.tabs.messages, times, values: [...messages, ...messages.slice(-1)], format: count },
    ];
  }, [data]);
  return (
    <Card
      title={data ? t.channels.rate.title(duration(Math.round(data.stepSeconds))) : t.channels.rate.plain}
      actions={
        <Segmented
          label={t.channels.rate.range}
          value={range}
          onChange={setRange}
          choices={(Object.keys(ranges) as Range[]).map((value) => ({
            value,
            label: t.channels.rate.ranges[value],
          }))}
        />
      }
    >
      {data ? (
        <>
          <Suspense fallback={<Bone className="h-50" />}>
            <Plot
              series={series}
              height={HEIGHT}
              areCounts
              label={t.channels.rate.label(count(totals(data).messages), t.channels.rate.ranges[range])}
            />
          </Suspense>
          <p className="text-sm text-soft">
            {t.channels.rate.total(totals(data).messages, t.channels.rate.ranges[range])}
          </p>
        </>
      ) : error ? (
        <Failure error={error} onRetry={retry} />
      ) : (
        <Bone className="h-50" />
      )}
    </Card>
  );
}
