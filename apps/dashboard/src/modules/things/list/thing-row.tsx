import type { ThingSummary } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { count } from '../../../lib/format';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { cellClass, FigureCell, Row, type RowPlace } from '../../../ui/row-table';
import { ThingName } from '../../../ui/thing-name';
import { RelativeTime } from '../../../ui/time';
import { Seen, StatusBadge, statusOf } from '../status';

interface Props extends RowPlace {
  thing: ThingSummary;
}

/** One thing; the whole row leads to its page. */
export const ThingRow = memo(function ThingRow({ thing, ...place }: Props) {
  const { id, name, type, collected, published, createdAt, connected } = thing;
  return (
    <Row
      {...place}
      flashOn={`${statusOf(thing)} ${connected}`}
      className="max-md:grid max-md:grid-cols-[auto_auto_1fr_auto]"
    >
      <td className={cx(cellClass, 'truncate max-md:col-span-3')}>
        <Link
          to="/things/$id"
          params={{ id }}
          data-list-item
          className="font-medium outline-offset-[-2px] after:absolute after:inset-0"
        >
          <ThingName name={name} />
        </Link>
      </td>
      <td className={cx(cellClass, 'truncate text-soft max-lg:hidden')}>{type}</td>
      <td className={cellClass}>
        <StatusBadge thing={thing} />
      </td>
      <td className={cx(cellClass, 'text-sm text-soft')}>
        <Seen thing={thing} />
      </td>
      <FigureCell value={count(collected)} what={t.things.columns.collected} />
      <FigureCell value={count(published)} what={t.things.columns.published} className="max-md:col-span-2" />
      <td className={cx(cellClass, 'text-sm text-soft max-xl:hidden xl:pl-6')}>
        <RelativeTime at={createdAt} isFocusable={false} />
      </td>
    </Row>
  );
});
