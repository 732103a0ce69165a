import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Attention, AttentionItem } from '../../lib/module';
import { t } from '../../strings';
import { buttonClass } from '../../ui/button';
import { inStatusQuery } from './queries';
import { isFailing, nameOf } from './status';

/** HTTP monitors that do not get through, and those that were given up. */
export function useAttention(): Attention {
  const disabled = useInfiniteQuery(inStatusQuery('DISABLED'));
  const connecting = useInfiniteQuery(inStatusQuery('CONNECTING'));
  const isReady = [disabled, connecting].every(({ data, error }) => Boolean(data ?? error));
  const failing = [disabled, connecting]
    .flatMap(({ data }) => data?.pages ?? [])
    .flatMap(({ items }) => items)
    .filter(isFailing);
  return {
    isReady,
    items: failing.map((monitor): AttentionItem => {
      const { id, status, statusReason, lastSent, topic } = monitor;
      const params = { id: String(id) };
      return {
        id: `monitor ${id}`,
        severity: status === 'DISABLED' ? 'bad' : 'warn',
        subject: (
          <Link to="/monitors/$id" params={params} className="font-semibold hover:underline">
            {nameOf(monitor)}
          </Link>
        ),
        body: (
          <span className="wrap-anywhere">
            {statusReason ?? (status === 'DISABLED' ? t.monitors.disabledBody : t.monitors.failing)}{' '}
            <code className="font-mono text-sm">{topic}</code>
          </span>
        ),
        since: lastSent,
        actions: (
          <Link
            to="/monitors/$id"
            params={params}
            search={{ tab: status === 'DISABLED' ? 'settings' : 'blocks' }}
            className={buttonClass('plain', 'sm')}
          >
            {t.monitors.open}
          </Link>
        ),
      };
    }),
  };
}
