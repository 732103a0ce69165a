import type { Monitor } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { History, Send } from 'lucide-react';
import { useNow } from '../../../lib/now';
import { t } from '../../../strings';
import { Button, buttonClass } from '../../../ui/button';
import { type Back, BackLink, LiveState } from '../../../ui/detail';
import { PageHeader } from '../../../ui/page';
import { RelativeTime } from '../../../ui/time';
import type { DetailSearch } from '../search';
import { lagWords, nameOf, rateOf, StatusBadge } from '../status';
import type { TestState } from './use-test';

/** The list it leads back to. */
export const back: Back = { to: '/monitors', label: t.monitors.title };

interface Props {
  monitor: Monitor;
  search: DetailSearch;
  test: TestState;
}

/** Name and status, how it does, and testing it on the right. */
export function DetailHeader({ monitor, search, test }: Props) {
  const { id, status, lastSent, transportType, lag } = monitor;
  const now = useNow();
  const name = nameOf(monitor);
  const isPolling = transportType === 'polling';
  return (
    <PageHeader
      title={name}
      above={<BackLink {...back} />}
      beside={
        <LiveState word={status}>
          <StatusBadge monitor={monitor} />
        </LiveState>
      }
      below={
        <>
          <code className="line-clamp-3 font-mono text-sm wrap-anywhere">{monitor.topic}</code>
          <p className="mt-1 flex flex-wrap gap-x-1.5 text-sm text-faint">
            {name !== t.monitors.number(id) && <span>{t.monitors.number(id)} ·</span>}
            <span>
              {t.monitors.transports[transportType]}
              {!isPolling && ' ·'}
            </span>
            {!isPolling && (
              <>
                <span>{t.monitors.perSecond(rateOf(monitor, now))} ·</span>
                <span>
                  {lagWords(lag)}
                  {lastSent && ' ·'}
                </span>
                {lastSent && (
                  <span>
                    {t.monitors.lastSent} <RelativeTime at={lastSent} />
                  </span>
                )}
              </>
            )}
          </p>
        </>
      }
      actions={
        <>
          {!isPolling && (
            <Link
              to="/monitors/$id"
              params={{ id: String(id) }}
              search={{ ...search, dialog: 'replay' }}
              replace
              className={buttonClass()}
            >
              <History aria-hidden className="size-4" />
              {t.monitors.replay.action}
            </Link>
          )}
          <Button kind="main" icon={Send} isBusy={test.isBusy} onClick={test.send}>
            {t.monitors.test.action}
          </Button>
        </>
      }
    />
  );
}
