import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { cx } from './cx';
import { useFlash } from './flash';
import { type More, MoreRows } from './more-rows';

/** From here on only the rows that are seen are drawn. */
const VIRTUAL_FROM = 100;

export interface Column<S extends string> {
  label: string;
  /** What the list is put in order by when its head is clicked. */
  sort?: S;
  className?: string;
  isFigure?: boolean;
}

/** What a row of a list of which not all are drawn has to carry. */
export interface RowPlace {
  index?: number;
  measure?: (row: HTMLTableRowElement | null) => void;
}

interface RowsProps<T> {
  items: readonly T[];
  keyOf: (item: T) => string | number;
  row: (item: T, place: RowPlace) => ReactNode;
}

interface Props<T, S extends string> extends RowsProps<T> {
  label: string;
  columns: readonly Column<S>[];
  sort: S;
  order: 'asc' | 'desc';
  onSort: (sort: S) => void;
  /** These are the ones before: others are being fetched. */
  isStale: boolean;
  more: More;
}

/** Rows of a long list under heads that put it in order; on a phone the rows lay themselves out, without heads. */
export function RowTable<T, S extends string>(props: Props<T, S>) {
  const { label, columns, sort, order, onSort, isStale, more, items, keyOf, row } = props;
  const Rows = items.length > VIRTUAL_FROM ? VirtualRows<T> : PlainRows<T>;
  return (
    <div aria-busy={isStale} className={cx('transition-opacity', isStale && 'opacity-60')}>
      <div className="overflow-hidden rounded-lg border border-line bg-card shadow-card">
        <table aria-label={label} className="w-full table-fixed max-md:block">
          <thead className="max-md:sr-only">
            <tr className="border-b border-line text-left text-sm text-soft">
              {columns.map((column) => (
                <Header key={column.label} {...column} sorted={sort} order={order} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <Rows items={items} keyOf={keyOf} row={row} />
        </table>
      </div>
      <MoreRows {...more} />
    </div>
  );
}

function Header<S extends string>({
  label,
  sort,
  className,
  isFigure,
  sorted,
  order,
  onSort,
}: Column<S> & { sorted: S; order: 'asc' | 'desc'; onSort: (sort: S) => void }) {
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

const PlainRows = <T,>({ items, row }: RowsProps<T>) => (
  <tbody className="divide-y divide-line max-md:block">{items.map((item) => row(item, {}))}</tbody>
);

function VirtualRows<T>({ items, keyOf, row }: RowsProps<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => 49,
    overscan: 12,
    scrollMargin: top,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
  });
  const rows = virtual.getVirtualItems();
  const before = (rows[0]?.start ?? top) - top;
  const after = virtual.getTotalSize() - ((rows.at(-1)?.end ?? top) - top);
  return (
    <tbody ref={body} className="max-md:block">
      <Space height={before} />
      {rows.map(({ index }) => {
        const item = items[index];
        return item !== undefined && row(item, { index, measure: virtual.measureElement });
      })}
      <Space height={after} />
    </tbody>
  );
}

/** The room of the rows that are not drawn. */
const Space = ({ height }: { height: number }) =>
  height > 0 && <tr aria-hidden className="max-md:block" style={{ height }} />;

/** How a cell is set; on a phone without its own room. */
export const cellClass = 'px-2 py-3 first:pl-4 last:pr-4 max-md:p-0!';

/** One row of the table, which flashes when `flashOn` changes; on a phone its cells lie as `className` says. */
export function Row({
  index,
  measure,
  flashOn,
  className,
  children,
}: RowPlace & { flashOn: string; className: string; children: ReactNode }) {
  const flash = useFlash<HTMLTableRowElement>(flashOn);
  return (
    <tr
      ref={(row) => {
        flash.current = row;
        measure?.(row);
      }}
      data-index={index}
      aria-rowindex={index === undefined ? undefined : index + 2}
      className={cx(
        'relative hover:bg-hover max-md:items-center max-md:gap-x-3 max-md:gap-y-1 max-md:px-4 max-md:py-3',
        className,
        index !== undefined && 'border-b border-line',
      )}
    >
      {children}
    </tr>
  );
}

/** A number; where there is no head of the column, with its word. */
export function FigureCell({
  value,
  what,
  className,
}: {
  value: string;
  what: string;
  className?: string | undefined;
}) {
  return (
    <td
      className={cx(cellClass, 'text-right text-sm whitespace-nowrap text-soft max-md:text-left', className)}
    >
      {value}
      <span className="md:hidden"> {what.toLowerCase()}</span>
    </td>
  );
}
