import type { ThingSummary } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { count } from '../../../lib/format';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { useFlash } from '../../../ui/flash';
import { RelativeTime } from '../../../ui/time';
import { ThingName } from '../name';
import { Seen, StatusBadge, statusOf } from '../status';

interface Props {
  thing: ThingSummary;
  /** In a list of which not all rows are drawn. */
  index?: number;
  measure?: (row: HTMLTableRowElement | null) => void;
}

const cell = 'px-2 py-3 first:pl-4 last:pr-4 max-md:p-0!';

/** One thing; the whole row leads to its page. */
export const ThingRow = memo(function ThingRow({ thing, index, measure }: Props) {
  const { id, name, type, collected, published, createdAt, connected } = thing;
  const flash = useFlash<HTMLTableRowElement>(`${statusOf(thing)} ${connected}`);
  return (
    <tr
      ref={(row) => {
        flash.current = row;
        measure?.(row);
      }}
      data-index={index}
      aria-rowindex={index === undefined ? undefined : index + 2}
      className={cx(
        'relative hover:bg-hover max-md:grid max-md:grid-cols-[auto_auto_1fr_auto] max-md:items-center max-md:gap-x-3 max-md:gap-y-1 max-md:px-4 max-md:py-3',
        index !== undefined && 'border-b border-line',
      )}
    >
      <td className={cx(cell, 'truncate max-md:col-span-3')}>
        <Link
          to="/things/$id"
          params={{ id }}
          data-list-item
          className="font-medium outline-offset-[-2px] after:absolute after:inset-0"
        >
          <ThingName name={name} />
        </Link>
      </td>
      <td className={cx(cell, 'truncate text-soft max-lg:hidden')}>{type}</td>
      <td className={cell}>
        <StatusBadge thing={thing} />
      </td>
      <td className={cx(cell, 'text-sm text-soft')}>
        <Seen thing={thing} />
      </td>
      <Figure value={collected} what={t.things.columns.collected} />
      <Figure value={published} what={t.things.columns.published} className="max-md:col-span-2" />
      <td className={cx(cell, 'text-sm text-soft max-xl:hidden xl:pl-6')}>
        <RelativeTime at={createdAt} isFocusable={false} />
      </td>
    </tr>
  );
});

/** A number; where there is no head of the column, with its word. */
function Figure({ value, what, className }: { value: number; what: string; className?: string }) {
  return (
    <td className={cx(cell, 'text-right text-sm whitespace-nowrap text-soft max-md:text-left', className)}>
      {count(value)}
      <span className="md:hidden"> {what.toLowerCase()}</span>
    </td>
  );
}
