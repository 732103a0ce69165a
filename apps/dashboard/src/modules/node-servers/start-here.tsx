import { Link } from '@tanstack/react-router';
import { Plus, Router, Store } from 'lucide-react';
import { t } from '../../strings';
import { buttonClass } from '../../ui/button';
import { NumberedSteps } from '../../ui/numbered-steps';
import { Empty } from '../../ui/states';

/** The button to register a node server. */
export const AddLink = ({ kind = 'main' }: { kind?: 'main' | 'plain' }) => (
  <Link to="/node-servers/new" className={buttonClass(kind)}>
    <Plus aria-hidden className="size-4" />
    {t.nodeServers.add}
  </Link>
);

/** The way to node servers that others have written: where a newcomer begins. */
const StoreLink = () => (
  <Link to="/store" className={buttonClass('main')}>
    <Store aria-hidden className="size-4" />
    {t.nodeServers.fromStore}
  </Link>
);

/** Nothing is here yet: what node servers are for, and how to begin. */
export function StartHere() {
  return (
    <Empty
      icon={Router}
      title={t.nodeServers.emptyTitle}
      action={
        <>
          <StoreLink />
          <AddLink kind="plain" />
        </>
      }
    >
      <p>{t.nodeServers.emptyText}</p>
      <NumberedSteps steps={t.nodeServers.steps} />
    </Empty>
  );
}
