import { Link } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { t } from '../../strings';
import { buttonClass } from '../../ui/button';

/** The way to what the worker and its installation printed. */
export function LogLink({ id }: { id: string }) {
  return (
    <Link
      to="/node-servers/$id"
      params={{ id }}
      search={{ tab: 'log' }}
      className={buttonClass('plain', 'sm')}
    >
      <ScrollText aria-hidden className="size-4" />
      {t.nodeServers.seeLog}
    </Link>
  );
}
