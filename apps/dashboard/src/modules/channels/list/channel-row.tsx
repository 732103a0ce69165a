import type { ChannelSummary } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { bytes, count } from '../../../lib/format';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { cellClass, FigureCell, Row, type RowPlace } from '../../../ui/row-table';
import { RelativeTime } from '../../../ui/time';
import { StateBadge } from '../state';

interface Props extends RowPlace {
  channel: ChannelSummary;
  /** Messages in the last minute; undefined while that is not known. */
  perMinute: number | undefined;
}

/** One channel; the whole row leads to its page. */
export const ChannelRow = memo(function ChannelRow({ channel, perMinute, ...place }: Props) {
  const { id, name, messages, messagesSize, lastMessageAt, enabled } = channel;
  return (
    <Row {...place} flashOn={String(enabled)} className="max-md:flex max-md:flex-wrap">
      <td className={cx(cellClass, 'truncate max-md:w-full')}>
        <Link
          to="/channels/$id"
          params={{ id: String(id) }}
          data-list-item
          className="font-medium outline-offset-[-2px] after:absolute after:inset-0"
        >
          {name}
        </Link>
      </td>
      <td className={cx(cellClass, 'text-right text-sm text-soft max-md:text-left')}>
        <span className="md:hidden">{t.channels.columns.id} </span>
        {id}
      </td>
      <FigureCell
        value={perMinute === undefined ? '…' : count(perMinute)}
        what={t.channels.columns.rateWord}
        className={perMinute ? 'font-medium text-good' : undefined}
      />
      <FigureCell value={count(messages)} what={t.channels.columns.messages} />
      <td className={cx(cellClass, 'text-right text-sm whitespace-nowrap text-soft max-lg:hidden')}>
        {bytes(messagesSize)}
      </td>
      <td className={cx(cellClass, 'text-sm text-soft md:pl-6')}>
        <RelativeTime at={lastMessageAt} otherwise={t.channels.noMessageYet} isFocusable={false} />
      </td>
      <td className={cx(cellClass, enabled && 'max-lg:hidden', !enabled && 'md:max-lg:hidden')}>
        <StateBadge enabled={enabled} />
      </td>
    </Row>
  );
});
