import type { PolicyLimits, PolicyUsage } from '@polyrelay/contract';
import { Archive, ArrowDown, ArrowUp, Microchip } from 'lucide-react';
import { t } from '../../strings';
import { Gauge } from '../../ui/gauge';

const icons = { things: Microchip, collected: ArrowUp, published: ArrowDown } as const;

/** What is used of each limit, and how long messages are kept. */
export function PolicyGauges({ limits, usage }: { limits: PolicyLimits; usage: PolicyUsage }) {
  return (
    <div className="grid grid-cols-[repeat(auto-fit,minmax(min(14rem,100%),1fr))] gap-x-8 gap-y-4">
      {(['things', 'collected', 'published'] as const).map((name) => (
        <Gauge
          key={name}
          label={t.policies.short[name]}
          used={usage[name]}
          limit={limits[name]}
          icon={icons[name]}
        />
      ))}
      <Kept days={limits.retentionDays} />
    </div>
  );
}

/** How long messages are kept. */
export function Kept({ days }: { days: number | null }) {
  return (
    <p className="flex flex-wrap items-baseline justify-between gap-x-3 self-start">
      <span className="flex items-baseline gap-1.5 text-soft">
        <Archive aria-hidden className="size-4 self-center text-faint" />
        {t.policies.short.retentionDays}
      </span>
      <span className="font-semibold">{days === null ? t.policies.forever : t.policies.days(days)}</span>
    </p>
  );
}
