import type { Thing } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { Download, Power, Send } from 'lucide-react';
import { t } from '../../../strings';
import { Button, buttonClass } from '../../../ui/button';
import { type Back, BackLink, LiveState } from '../../../ui/detail';
import { PageHeader } from '../../../ui/page';
import { RelativeTime } from '../../../ui/time';
import { useChange } from '../actions';
import type { Tab } from '../search';
import { Seen, StatusBadge, statusOf } from '../status';

/** The list it leads back to. */
export const back: Back = { to: '/things', label: t.things.title };

/** Name and status, since when, and what comes next on the right. */
export function DetailHeader({ thing, tab }: { thing: Thing; tab: Tab }) {
  const { name, type, createdAt } = thing;
  return (
    <PageHeader
      title={name}
      above={<BackLink {...back} />}
      beside={
        <LiveState word={statusOf(thing)}>
          <StatusBadge thing={thing} />
        </LiveState>
      }
      below={
        <p className="flex flex-wrap gap-x-1.5 text-sm text-faint">
          {type && <span>{type} ·</span>}
          <span>
            {t.things.createdAt} <RelativeTime at={createdAt} /> ·
          </span>
          <span>
            {!thing.connected && `${t.things.lastSeen} `}
            <Seen thing={thing} isFocusable />
          </span>
        </p>
      }
      actions={<MainAction thing={thing} tab={tab} />}
    />
  );
}

/** Leads to what comes next; where one is there already, the page has its own main action. */
function MainAction({ thing: { id, enabled, status }, tab }: { thing: Thing; tab: Tab }) {
  const change = useChange(id);
  if (!enabled)
    return (
      <Button
        kind="main"
        icon={Power}
        isBusy={change.isPending}
        onClick={() => change.mutate({ enabled: true })}
      >
        {t.things.enable}
      </Button>
    );
  const isNew = status === 'created';
  const next = isNew ? 'sdk' : 'send';
  if (tab === next) return null;
  const Icon = isNew ? Download : Send;
  return (
    <Link to="/things/$id" params={{ id }} search={{ tab: next }} className={buttonClass('main')}>
      <Icon aria-hidden className="size-4" />
      {isNew ? t.things.getSoftware : t.things.tabs.send}
    </Link>
  );
}
