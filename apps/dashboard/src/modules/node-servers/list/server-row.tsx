import type { NodeServerSummary } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { ArrowUp, Bell, EllipsisVertical } from 'lucide-react';
import { lazy, memo } from 'react';
import { t } from '../../../strings';
import { Chip } from '../../../ui/badge';
import { IconButton } from '../../../ui/button';
import { useFlash } from '../../../ui/flash';
import { LazyMenu } from '../../../ui/lazy-menu';
import { Elapsed, RelativeTime } from '../../../ui/time';
import { possibleActions } from '../state';
import { StateBadge } from '../state-badge';

const RowMenuItems = lazy(() => import('./row-menu-items'));

/** One node server of the list: name and place, state, since when, notices, and what can be done. */
export const ServerRow = memo(function ServerRow({ server }: { server: NodeServerSummary }) {
  const {
    id,
    name,
    state,
    stateReason,
    version,
    controllerName,
    slot,
    noticeCount,
    nodeCount,
    updateAvailable,
  } = server;
  const flash = useFlash<HTMLDivElement>(state);
  const isTroubled = state === 'crashed' || state === 'silent' || state === 'installing';
  return (
    <div ref={flash} className="relative flex items-center gap-x-4 px-4 py-3 hover:bg-hover">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Link
            to="/node-servers/$id"
            params={{ id }}
            data-list-item
            className="min-w-0 font-medium break-words outline-offset-[-2px] after:absolute after:inset-0"
          >
            {name}
          </Link>
          {noticeCount > 0 && (
            <Chip tone="warn">
              <Bell aria-hidden className="size-3" />
              {t.notices.count(noticeCount)}
            </Chip>
          )}
          {updateAvailable && (
            <Chip tone="busy">
              <ArrowUp aria-hidden className="size-3" />
              {t.nodeServers.updateTo(updateAvailable.version)}
            </Chip>
          )}
        </p>
        <p className="truncate text-sm text-faint">
          {isTroubled && stateReason
            ? stateReason
            : [t.nodeServers.place(controllerName, slot), version && t.nodeServers.version(version)]
                .filter(Boolean)
                .join(' · ')}
        </p>
      </div>
      <span className="hidden w-24 text-right text-sm text-soft lg:block">{t.nodes.count(nodeCount)}</span>
      <span className="hidden w-36 text-right text-sm text-soft md:block">
        <Since server={server} />
      </span>
      <span className="flex items-center gap-1 sm:w-36 sm:justify-end">
        <StateBadge state={state} reason={stateReason} />
        <RowMenu server={server} />
      </span>
    </div>
  );
});

function Since({ server: { connected, timeStarted, changedAt } }: { server: NodeServerSummary }) {
  if (connected && timeStarted)
    return (
      <>
        {t.nodeServers.upFor} <Elapsed since={timeStarted} />
      </>
    );
  return <RelativeTime at={changedAt} isFocusable={false} />;
}

function RowMenu({ server }: { server: NodeServerSummary }) {
  const possible = possibleActions(server);
  if (!possible.start && !possible.stop && !possible.restart) return <span className="size-7" />;
  const label = t.nodeServers.actionsFor(server.name);
  return (
    <LazyMenu trigger={<IconButton icon={EllipsisVertical} size="sm" label={label} className="relative" />}>
      {(button) => <RowMenuItems server={server} trigger={button} />}
    </LazyMenu>
  );
}
