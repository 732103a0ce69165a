import type { ThingSort, ThingSummary } from '@polyrelay/contract';
import { t } from '../../../strings';
import type { More } from '../../../ui/more-rows';
import { type Column, RowTable } from '../../../ui/row-table';
import { ThingRow } from './thing-row';

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
export const ThingTable = ({ things, ...rest }: Props) => (
  <RowTable
    {...rest}
    label={t.things.title}
    columns={columns}
    items={things}
    keyOf={({ id }) => id}
    row={(thing, place) => <ThingRow key={thing.id} thing={thing} {...place} />}
  />
);

const columns: readonly Column<ThingSort>[] = [
  { label: t.things.columns.name, sort: 'name' },
  { label: t.things.columns.type, className: 'w-36 max-lg:hidden' },
  { label: t.things.columns.status, className: 'w-28' },
  { label: t.things.columns.lastSeen, sort: 'lastSeenAt', className: 'w-34' },
  { label: t.things.columns.collected, sort: 'collected', className: 'w-27', isFigure: true },
  { label: t.things.columns.published, sort: 'published', className: 'w-27', isFigure: true },
  { label: t.things.columns.created, sort: 'createdAt', className: 'w-38 max-xl:hidden xl:pl-6' },
];
