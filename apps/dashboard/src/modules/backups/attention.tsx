import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Attention } from '../../lib/module';
import { useUser } from '../../lib/session';
import { t } from '../../strings';
import { buttonClass } from '../../ui/button';
import { backupsQuery } from './queries';

/** A backup that failed. */
export function useAttention(): Attention {
  const isAdmin = useUser().role === 'admin';
  const { data, error } = useQuery({ ...backupsQuery, enabled: isAdmin });
  if (!isAdmin) return { isReady: true, items: [] };
  if (!data) return { isReady: error !== null, items: [] };
  const { failure } = data;
  if (failure === null) return { isReady: true, items: [] };
  const item = {
    id: 'backup',
    severity: 'bad' as const,
    subject: (
      <Link to="/settings/backups" className="font-semibold hover:underline">
        {t.backups.failed}
      </Link>
    ),
    body: failure.message,
    since: failure.at,
    actions: (
      <Link to="/settings/backups" className={buttonClass('plain', 'sm')}>
        {t.backups.see}
      </Link>
    ),
  };
  return { isReady: true, items: [item] };
}
