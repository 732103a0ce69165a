import type { ProfileDescription } from '@polyrelay/contract';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useMemo } from 'react';
import { saveFile } from '../../../lib/clipboard';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Plot, type Series } from '../../../ui/plot';
import { Segmented } from '../../../ui/segmented';
import { Bone, Failure } from '../../../ui/states';
import type { ServerFacts } from '../node-map';
import { type DetailSearch, type Range, ranges } from '../search';
import { CompareSelect } from './compare-select';
import { toCsv } from './csv';
import { Stats } from './stats';
import { useSeries } from './use-series';

const route = getRouteApi('/app/node-servers/$id');
const HOUR = 3_600_000;
const spans: Record<Range, number> = {
  '1h': HOUR,
  '24h': 24 * HOUR,
  '7d': 7 * 24 * HOUR,
  '30d': 30 * 24 * HOUR,
};

/** A value over time: range, zoom, a second one to compare with, CSV; all of it in the address. */
export function PlotDialog({
  server,
  profile,
}: {
  server: ServerFacts;
  profile: ProfileDescription | undefined;
}) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const range = search.range ?? '24h';
  const first = useSeries(server.id, profile, search.plot, spans[range]);
  const second = useSeries(server.id, profile, search.compare, spans[range]);
  const series = useMemo(
    () => [first.series, second.series].filter((each): each is Series => each !== null),
    [first.series, second.series],
  );
  const go = (next: DetailSearch) =>
    void navigate({
      to: '/node-servers/$id',
      params: { id: server.id },
      search: next,
      replace: true,
      resetScroll: false,
    });
  const close = () => {
    const { plot: _, compare: __, range: ___, ...rest } = search;
    go(rest);
  };
  const title = first.title ?? search.plot ?? '';
  return (
    <Dialog isOpen onClose={close} title={title} size="lg">
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <Segmented
          label={t.plot.range}
          choices={ranges.map((value) => ({ value, label: t.plot.ranges[value] }))}
          value={range}
          onChange={(value) => go({ ...search, range: value })}
        />
        <CompareSelect
          server={server}
          profile={profile}
          plot={search.plot ?? ''}
          value={search.compare ?? ''}
          onChange={(compare) => {
            const { compare: _, ...rest } = search;
            go(compare ? { ...rest, compare } : rest);
          }}
        />
        <Button
          icon={Download}
          className="sm:ml-auto"
          onClick={() => saveFile(`${title}.csv`.replace(/[^\w.-]+/g, '-'), toCsv(series), 'text/csv')}
        >
          {t.plot.csv}
        </Button>
      </div>
      {first.error ? (
        <Failure error={first.error} onRetry={first.retry} />
      ) : !first.series ? (
        <Bone className="h-80" />
      ) : first.series.times.length === 0 ? (
        <p className="grid h-80 place-items-center rounded-md bg-sunken px-6 text-center text-soft">
          {t.plot.empty}
        </p>
      ) : (
        <Plot series={series} label={t.plot.label(title, t.plot.ranges[range])} />
      )}
      <p className="mt-2 text-sm text-faint max-sm:hidden">{t.plot.hint}</p>
      <Stats series={series} />
    </Dialog>
  );
}
