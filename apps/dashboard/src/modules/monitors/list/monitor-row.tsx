import type { MonitorSummary } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { cellClass, FigureCell, Row, type RowPlace } from '../../../ui/row-table';
import { RelativeTime } from '../../../ui/time';
import { lagOf, StatusBadge } from '../status';

interface Props extends RowPlace {
  monitor: MonitorSummary;
  /** Events a second over the last minute. */
  rate: number;
}

/** One monitor; the whole row leads to its page. */
export const MonitorRow = memo(function MonitorRow({ monitor, rate, ...place }: Props) {
  const { id, topic, description, transportType, lag, lastSent, status } = monitor;
  const name = description.trim();
  return (
    <Row {...place} flashOn={status} className="max-md:flex max-md:flex-wrap">
      <td className={cx(cellClass, 'text-sm text-soft')}>{id}</td>
      <td className={cx(cellClass, 'max-md:order-first max-md:w-full')}>
        <Link
          to="/monitors/$id"
          params={{ id: String(id) }}
          data-list-item
          className={cx(
            'block truncate font-medium outline-offset-[-2px] after:absolute after:inset-0',
            name === '' && 'font-mono text-sm',
          )}
        >
          {name || topic}
        </Link>
        {name !== '' && <span className="block truncate font-mono text-xs text-faint">{topic}</span>}
      </td>
      <td className={cellClass}>
        <StatusBadge monitor={monitor} />
      </td>
      <td className={cx(cellClass, 'text-sm text-soft md:max-lg:hidden')}>
        {t.monitors.transports[transportType]}
      </td>
      {transportType === 'polling' ? (
        <NoFigures />
      ) : (
        <>
          <FigureCell
            value={lagOf(monitor)}
            what={t.monitors.columns.lagWord}
            className={lag.events > 0 ? 'font-medium text-warn' : undefined}
          />
          <FigureCell
            value={t.monitors.perSecond(rate)}
            what={t.monitors.columns.rateWord}
            className={rate > 0 ? 'font-medium text-good' : undefined}
          />
        </>
      )}
      <td className={cx(cellClass, 'text-sm text-soft md:pl-6', lastSent === null && 'max-md:hidden')}>
        {transportType === 'polling' ? (
          <span className="text-faint">{t.monitors.none}</span>
        ) : (
          <RelativeTime at={lastSent} otherwise={t.monitors.neverSent} isFocusable={false} />
        )}
      </td>
    </Row>
  );
});

/** Of what the client fetches nothing waits, and nothing is sent. */
const NoFigures = () => (
  <td colSpan={2} className={cx(cellClass, 'text-right text-sm text-faint')}>
    {t.monitors.fetched}
  </td>
);
