import { CircleCheck, Info, type LucideIcon, OctagonAlert, TriangleAlert } from 'lucide-react';
import type { AttentionItem } from '../../lib/module';
import { t } from '../../strings';
import { cx } from '../../ui/cx';
import { RelativeTime } from '../../ui/time';

const signs: Record<AttentionItem['severity'], { icon: LucideIcon; tone: string }> = {
  bad: { icon: OctagonAlert, tone: 'bg-bad-ground text-bad' },
  warn: { icon: TriangleAlert, tone: 'bg-warn-ground text-warn' },
  info: { icon: Info, tone: 'bg-busy-ground text-busy' },
};

const order = { bad: 0, warn: 1, info: 2 } as const;

/** Everything that waits for the user, the worst first, each with its way out. */
export function AttentionList({ items }: { items: readonly AttentionItem[] }) {
  const sorted = [...items].sort((a, b) => order[a.severity] - order[b.severity]);
  return (
    <section
      aria-labelledby="attention"
      className="overflow-hidden rounded-lg border border-edge bg-card shadow-card"
    >
      <h2 id="attention" className="border-b border-line px-4 py-3 font-semibold">
        {t.overview.attention(items.length)}
      </h2>
      <ul className="divide-y divide-line">
        {sorted.map((item) => {
          const { icon: Icon, tone } = signs[item.severity];
          return (
            <li key={item.id} className="flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3.5">
              <div className="flex min-w-0 flex-1 basis-72 items-start gap-3">
                <span className={cx('mt-0.5 grid size-8 shrink-0 place-items-center rounded-full', tone)}>
                  <Icon aria-hidden className="size-4" />
                </span>
                <div className="min-w-0">
                  <p className="flex flex-wrap items-baseline gap-x-2">
                    <span className="sr-only">{t.overview.severity[item.severity]}</span>
                    {item.subject}
                    {item.since && (
                      <span className="text-sm text-faint">
                        <RelativeTime at={item.since} />
                      </span>
                    )}
                  </p>
                  <div className="line-clamp-3 text-soft">{item.body}</div>
                </div>
              </div>
              <div className="flex flex-wrap gap-2">{item.actions}</div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Nothing waits: said in one line. */
export function AllWell({ summaries }: { summaries: readonly string[] }) {
  return (
    <section className="flex items-center gap-3 rounded-lg border border-line bg-card px-4 py-4 shadow-card">
      <span className="grid size-9 shrink-0 place-items-center rounded-full bg-good-ground text-good">
        <CircleCheck aria-hidden className="size-5" />
      </span>
      <div>
        <h2 className="font-semibold">{t.overview.allWell}</h2>
        <p className="text-soft">{summaries.length > 0 ? summaries.join(' · ') : t.overview.nothingWaits}</p>
      </div>
    </section>
  );
}
