import { useQuery } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { Children, type ReactNode, Suspense } from 'react';
import type { Attention } from '../../lib/module';
import { useModules } from '../../lib/modules-context';
import { overviewQuery } from '../../lib/overview';
import { t } from '../../strings';
import { IconButton } from '../../ui/button';
import { cx } from '../../ui/cx';
import { PageHeader } from '../../ui/page';
import { Bone, Loaded, Skeleton } from '../../ui/states';
import { RelativeTime } from '../../ui/time';
import { AllWell, AttentionList } from './attention-list';
import { HealthCard } from './health-card';
import { RatesCard } from './rates-card';

/** What needs the user first, then how the service is doing. */
export default function OverviewPage() {
  const modules = useModules();
  const overview = useQuery(overviewQuery);
  // biome-ignore lint/correctness/useHookAtTopLevel: the list of modules never changes, so the order of these hooks does not either
  const attention: Attention[] = modules.flatMap((module) => module.useAttention?.() ?? []);
  const isReady = attention.every((each) => each.isReady);
  const items = attention.flatMap((each) => each.items);
  // Where one module holds something, the others' beginnings wait on their own pages.
  const summaries = attention.flatMap((each) => each.summary ?? []);
  const starts = summaries.length > 0 ? [] : attention.flatMap((each) => each.start ?? []);
  return (
    <>
      <PageHeader title={t.overview.title} />
      <div className="flex flex-col gap-6">
        {!isReady ? (
          <Skeleton rows={1} className="h-20" />
        ) : items.length > 0 ? (
          <AttentionList items={items} />
        ) : (
          <Quiet starts={starts} summaries={summaries} />
        )}
        <Suspense fallback={<Bone className="h-40" />}>
          {modules.map(({ name, Overview }) => Overview && <Overview key={name} />)}
        </Suspense>
        <section aria-labelledby="figures">
          <div className="mb-2 flex items-center justify-between gap-3">
            <h2 id="figures" className="text-lg font-semibold">
              {t.overview.service}
            </h2>
            {overview.dataUpdatedAt > 0 && (
              <span className="flex items-center gap-1 text-sm text-faint">
                <RelativeTime at={new Date(overview.dataUpdatedAt).toISOString()} />
                <IconButton
                  icon={RotateCw}
                  size="sm"
                  label={t.overview.refresh}
                  onClick={() => void overview.refetch()}
                />
              </span>
            )}
          </div>
          <Loaded
            query={overview}
            skeleton={
              <div className="grid gap-4 lg:grid-cols-2">
                <Bone className="h-56" />
                <Bone className="h-56" />
              </div>
            }
          >
            {(data) => (
              <div className="grid gap-4 lg:grid-cols-2">
                <HealthCard overview={data} />
                <RatesCard rates={data.rates} />
              </div>
            )}
          </Loaded>
        </section>
      </div>
    </>
  );
}

/** Nothing waits: what to begin with where there is nothing yet, else how it all does. */
function Quiet({ starts, summaries }: { starts: readonly ReactNode[]; summaries: readonly string[] }) {
  if (starts.length === 0) return <AllWell summaries={summaries} />;
  return (
    <div className={cx('grid items-start gap-4', starts.length > 1 && 'lg:grid-cols-2')}>
      {Children.toArray(starts)}
    </div>
  );
}
