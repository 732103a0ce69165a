import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useNow } from '../../lib/now';
import { t } from '../../strings';
import { RelativeTime } from '../../ui/time';
import { foundQuery } from './queries';
import { lagWords, nameOf, rateOf, StatusBadge } from './status';

/** So many are shown; the others stand in the list. */
const MOST = 6;

/** The monitors that sent something last, and how each does. */
export default function OverviewCard() {
  const { data } = useInfiniteQuery(foundQuery('', MOST));
  const now = useNow();
  const page = data?.pages[0];
  if (!page || page.total === 0) return null;
  return (
    <section aria-labelledby="monitors">
      <div className="mb-2 flex items-center justify-between gap-3">
        <h2 id="monitors" className="text-lg font-semibold">
          {t.monitors.title}
        </h2>
        <Link to="/monitors" className="text-sm font-medium text-accent hover:underline">
          {t.monitors.allCount(page.total)}
        </Link>
      </div>
      <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        {page.items.map((monitor) => (
          <li
            key={monitor.id}
            className="relative min-w-0 rounded-lg border border-line bg-card p-3.5 shadow-card hover:border-edge"
          >
            <div className="flex items-center justify-between gap-3">
              <Link
                to="/monitors/$id"
                params={{ id: String(monitor.id) }}
                className="min-w-0 truncate font-medium after:absolute after:inset-0 after:rounded-lg"
              >
                {nameOf(monitor)}
              </Link>
              <StatusBadge monitor={monitor} />
            </div>
            <p className="mt-1 truncate font-mono text-sm text-soft">{monitor.topic}</p>
            <p className="mt-1 text-sm text-faint">
              {monitor.transportType === 'polling'
                ? t.monitors.fetched
                : `${t.monitors.perSecond(rateOf(monitor, now))} · ${lagWords(monitor.lag)}`}
              {monitor.lastSent && (
                <>
                  {' · '}
                  {t.monitors.lastSent} <RelativeTime at={monitor.lastSent} isFocusable={false} />
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
