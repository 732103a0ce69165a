import type { ThingSort, ThingSummary } from '@polyrelay/contract';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { type More, MoreRows } from './more-rows';
import { ThingRow } from './thing-row';

/** From here on only the rows that are seen are drawn. */
const VIRTUAL_FROM = 100;

interface Props {
  things: readonly ThingSummary[];
  sort: ThingSort;
  order: 'asc' | 'desc';
  onSort: (sort: ThingSort) => void;
  /** These are the ones before: others are being fetched. */
  isStale: boolean;
  more: More;
}

/** Things, one a row; on a phone two lines each. */
export function ThingTable({ things, sort, order, onSort, isStale, more }: Props) {
  const Rows = things.length > VIRTUAL_FROM ? VirtualRows : PlainRows;
  return (
    <div aria-busy={isStale} className={cx('transition-opacity', isStale && 'opacity-60')}>
      <div className="overflow-hidden rounded-lg border border-line bg-card shadow-card">
        <table aria-label={t.things.title} className="w-full table-fixed max-md:block">
          <thead className="max-md:sr-only">
            <tr className="border-b border-line text-left text-sm text-soft">
              {columns.map((column) => (
                <Header key={column.label} {...column} sorted={sort} order={order} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <Rows things={things} />
        </table>
      </div>
      <MoreRows {...more} />
    </div>
  );
}

interface Column {
  label: string;
  sort?: ThingSort;
  className?: string;
  isFigure?: boolean;
}

const columns: readonly Column[] = [
  { label: t.things.columns.name, sort: 'name' },
  { label: t.things.columns.type, className: 'w-36 max-lg:hidden' },
  { label: t.things.columns.status, className: 'w-28' },
  { label: t.things.columns.lastSeen, sort: 'lastSeenAt', className: 'w-34' },
  { label: t.things.columns.collected, sort: 'collected', className: 'w-27', isFigure: true },
  { label: t.things.columns.published, sort: 'published', className: 'w-27', isFigure: true },
  { label: t.things.columns.created, sort: 'createdAt', className: 'w-38 max-xl:hidden xl:pl-6' },
];

function Header({
  label,
  sort,
  className,
  isFigure,
  sorted,
  order,
  onSort,
}: Column & { sorted: ThingSort; order: 'asc' | 'desc'; onSort: (sort: ThingSort) => void }) {
  const isSorted = sort !== undefined && sort === sorted;
  const Arrow = order === 'asc' ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      aria-sort={isSorted ? (order === 'asc' ? 'ascending' : 'descending') : undefined}
      className={cx('h-10 px-2 font-medium first:pl-4 last:pr-4', isFigure && 'text-right', className)}
    >
      {sort === undefined ? (
        label
      ) : (
        <button
          type="button"
          onClick={() => onSort(sort)}
          className={cx(
            'inline-flex items-center gap-1 rounded-sm align-middle hover:text-ink',
            isSorted && 'text-ink',
            // The word stays above its figures.
            isFigure && 'flex-row-reverse',
          )}
        >
          {label}
          <Arrow aria-hidden className={cx('size-3.5', !isSorted && 'invisible')} />
        </button>
      )}
    </th>
  );
}

const PlainRows = ({ things }: { things: readonly ThingSummary[] }) => (
  <tbody className="divide-y divide-line max-md:block">
    {things.map((thing) => (
      <ThingRow key={thing.id} thing={thing} />
    ))}
  </tbody>
);

function VirtualRows({ things }: { things: readonly ThingSummary[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);
  const virtual = useWindowVirtualizer({
    count: things.length,
    estimateSize: () => 49,
    overscan: 12,
    scrollMargin: top,
    getItemKey: (index) => things[index]?.id ?? index,
  });
  const rows = virtual.getVirtualItems();
  const before = (rows[0]?.start ?? top) - top;
  const after = virtual.getTotalSize() - ((rows.at(-1)?.end ?? top) - top);
  return (
    <tbody ref={body} className="max-md:block">
      <Space height={before} />
      {rows.map((row) => {
        const thing = things[row.index];
        return (
          thing && <ThingRow key={row.key} thing={thing} index={row.index} measure={virtual.measureElement} />
        );
      })}
      <Space height={after} />
    </tbody>
  );
}

/** The room of the rows that are not drawn. */
const Space = ({ height }: { height: number }) =>
  height > 0 && <tr aria-hidden className="max-md:block" style={{ height }} />;
