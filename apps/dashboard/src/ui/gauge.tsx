import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { count } from '../lib/format';
import { t } from '../strings';
import { cx } from './cx';

interface Props {
  /** What is counted. */
  label: string;
  used: number;
  /** Null: no limit. */
  limit: number | null;
  icon?: LucideIcon;
  /** How a figure of it is written. */
  format?: (value: number) => string;
  /** Under the bar: until when it counts, what to do. */
  children?: ReactNode;
  className?: string;
}

/** From this part of a limit on, it is said that it is near. */
const NEAR = 0.8;

/** How much of a limit is used: figure, bar and, where it gets tight, the word for it. */
export function Gauge({ label, used, limit, icon: Icon, format = count, children, className }: Props) {
  const part = limit === null ? 0 : limit === 0 ? 1 : Math.min(1, used / limit);
  const isFull = limit !== null && used >= limit;
  const isNear = !isFull && part >= NEAR;
  const text = limit === null ? t.gauge.unlimited(format(used)) : t.gauge.of(format(used), format(limit));
  return (
    <div className={cx('min-w-0', className)}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="flex items-baseline gap-1.5 text-soft">
          {Icon && <Icon aria-hidden className="size-4 self-center text-faint" />}
          {label}
        </span>
        <span>
          <span className="font-semibold">{format(used)}</span>{' '}
          <span className="text-sm text-faint">
            {limit === null ? t.gauge.noLimit : t.gauge.ofLimit(format(limit))}
          </span>
        </span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: browsers do not let a <meter> be dressed alike */}
      <div
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={limit ?? Math.max(used, 1)}
        aria-valuenow={limit === null ? used : Math.min(used, limit)}
        aria-valuetext={text}
        className="mt-1.5 h-2 overflow-hidden rounded-full bg-sunken inset-ring inset-ring-edge"
      >
        <div
          className={cx('h-full rounded-full', isFull ? 'bg-bad' : isNear ? 'bg-warn' : 'bg-plot-1')}
          // A little that is used can still be seen.
          style={{ width: part > 0 ? `max(${(part * 100).toFixed(2)}%, 0.5rem)` : 0 }}
        />
      </div>
      {(isFull || isNear) && (
        <p className={cx('mt-1 text-sm font-medium', isFull ? 'text-bad' : 'text-warn')}>
          {isFull ? t.gauge.full : t.gauge.near}
        </p>
      )}
      {children && <div className="mt-1 text-sm text-faint">{children}</div>}
    </div>
  );
}
