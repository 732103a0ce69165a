import type { ChannelSummary } from '@polyrelay/contract';
import { t } from '../../../strings';
import type { More } from '../../../ui/more-rows';
import { type Column, RowTable } from '../../../ui/row-table';
import type { ChannelSort } from '../search';
import { ChannelRow } from './channel-row';

interface Props {
  channels: readonly ChannelSummary[];
  /** How many messages came to a channel in the last minute. */
  arrived: (id: number) => number | undefined;
  sort: ChannelSort;
  order: 'asc' | 'desc';
  onSort: (sort: ChannelSort) => void;
  /** These are the ones before: others are being fetched. */
  isStale: boolean;
  more: More;
}

/** Channels, one a row; on a phone a few lines each. */
export const ChannelTable = ({ channels, arrived, ...rest }: Props) => (
  <RowTable
    {...rest}
    label={t.channels.title}
    columns={columns}
    items={channels}
    keyOf={({ id }) => id}
    row={(channel, place) => (
      <ChannelRow key={channel.id} channel={channel} perMinute={arrived(channel.id)} {...place} />
    )}
  />
);

const columns: readonly Column<ChannelSort>[] = [
  { label: t.channels.columns.name, sort: 'name' },
  { label: t.channels.columns.id, sort: 'id', className: 'w-20', isFigure: true },
  { label: t.channels.columns.rate, className: 'w-28', isFigure: true },
  { label: t.channels.columns.messages, sort: 'messages', className: 'w-28', isFigure: true },
  { label: t.channels.columns.size, className: 'w-24 max-lg:hidden', isFigure: true },
  { label: t.channels.columns.lastMessage, sort: 'lastMessageAt', className: 'w-38 pl-6' },
  { label: t.channels.columns.state, className: 'w-28 max-lg:hidden' },
];
