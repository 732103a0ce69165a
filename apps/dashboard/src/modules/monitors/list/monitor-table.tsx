import type { MonitorSummary } from '@polyrelay/contract';
import { useNow } from '../../../lib/now';
import { t } from '../../../strings';
import type { More } from '../../../ui/more-rows';
import { type Column, RowTable } from '../../../ui/row-table';
import type { MonitorSort } from '../search';
import { rateOf } from '../status';
import { MonitorRow } from './monitor-row';

interface Props {
  monitors: readonly MonitorSummary[];
  sort: MonitorSort;
  order: 'asc' | 'desc';
  onSort: (sort: MonitorSort) => void;
  /** These are the ones before: others are being fetched. */
  isStale: boolean;
  more: More;
}

/** Monitors, one a row; on a phone a few lines each. */
export function MonitorTable({ monitors, ...rest }: Props) {
  const now = useNow();
  return (
    <RowTable
      {...rest}
      label={t.monitors.title}
      columns={columns}
      items={monitors}
      keyOf={({ id }) => id}
      row={(monitor, place) => (
        <MonitorRow key={monitor.id} monitor={monitor} rate={rateOf(monitor, now)} {...place} />
      )}
    />
  );
}

const columns: readonly Column<MonitorSort>[] = [
  { label: t.monitors.columns.id, sort: 'id', className: 'w-20' },
  { label: t.monitors.columns.topic, sort: 'topic' },
  { label: t.monitors.columns.status, className: 'w-36' },
  { label: t.monitors.columns.transport, className: 'w-24 max-lg:hidden' },
  { label: t.monitors.columns.lag, className: 'w-24', isFigure: true },
  { label: t.monitors.columns.rate, className: 'w-20', isFigure: true },
  { label: t.monitors.columns.lastSent, sort: 'lastSent', className: 'w-36 pl-6' },
];
