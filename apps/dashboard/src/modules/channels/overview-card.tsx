import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { count } from '../../lib/format';
import { t } from '../../strings';
import { RelativeTime } from '../../ui/time';
import { foundQuery } from './queries';
import { StateBadge } from './state';
import { useArrivals } from './use-arrivals';

/** So many are shown; the others stand in the list. */
const MOST = 6;

/** The channels with the newest messages, and how much comes to them. */
export default function OverviewCard() {
  const { data } = useInfiniteQuery(foundQuery('', MOST));
  const arrived = useArrivals();
  const page = data?.pages[0];
  if (!page || page.total === 0) return null;
  return (
    <section aria-labelledby="channels">
      <div className="mb-2 flex items-center justify-between gap-3">
        <h2 id="channels" className="text-lg font-semibold">
          {t.channels.title}
        </h2>
        <Link to="/channels" className="text-sm font-medium text-accent hover:underline">
          {t.channels.allCount(page.total)}
        </Link>
      </div>
      <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        {page.items.map(({ id, name, enabled, messages, lastMessageAt }) => (
          <li
            key={id}
            className="relative min-w-0 rounded-lg border border-line bg-card p-3.5 shadow-card hover:border-edge"
          >
            <div className="flex items-center justify-between gap-3">
              <Link
                to="/channels/$id"
                params={{ id: String(id) }}
                className="min-w-0 truncate font-medium after:absolute after:inset-0 after:rounded-lg"
              >
                {name}
              </Link>
              {enabled ? (
                <span className="text-sm whitespace-nowrap text-soft">
                  {t.channels.perMinute(arrived(id) ?? 0)}
                </span>
              ) : (
                <StateBadge enabled={false} />
              )}
            </div>
            <p className="mt-1 text-sm text-faint">
              {t.channels.holds(count(messages), messages)}
              {lastMessageAt && (
                <>
                  {' · '}
                  {t.channels.lastMessage} <RelativeTime at={lastMessageAt} isFocusable={false} />
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
