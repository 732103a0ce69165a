import { Link2, Play, RotateCw, Square } from 'lucide-react';
import { t } from '../../../strings';
import { Chip } from '../../../ui/badge';
import { Button } from '../../../ui/button';
import { type Back, BackLink } from '../../../ui/detail';
import { useFlash } from '../../../ui/flash';
import { PageHeader } from '../../../ui/page';
import { Elapsed, RelativeTime } from '../../../ui/time';
import { useWorkerAction, type WorkerAction } from '../actions';
import type { ServerFacts } from '../node-map';
import { possibleActions } from '../state';
import { StateBadge } from '../state-badge';

/** The list it leads back to. */
export const back: Back = { to: '/node-servers', label: t.nodeServers.title };

/** Name, state and why, since when, and the main action on the right. */
export function DetailHeader({ server }: { server: ServerFacts }) {
  const {
    id,
    name,
    state,
    stateReason,
    version,
    controllerName,
    slot,
    connected,
    timeStarted,
    lastDisconnect,
    linkedAt,
    runtime,
  } = server;
  const { mutate, isPending, variables } = useWorkerAction();
  // A banner below says it at length, and has the main action.
  const isTold = state === 'crashed' || state === 'silent';
  const flash = useFlash<HTMLSpanElement>(state);
  const possible = possibleActions(server);
  const act = (action: WorkerAction) => () => mutate({ id, name, action });
  const isActing = (action: WorkerAction) => isPending && variables.action === action;
  const facts = [
    t.nodeServers.place(controllerName, slot),
    version && t.nodeServers.version(version),
    t.runtimes[runtime],
  ]
    .filter(Boolean)
    .join(' · ');
  return (
    <PageHeader
      title={name}
      above={<BackLink {...back} />}
      beside={
        <>
          <span ref={flash} role="status" className="rounded-full">
            <StateBadge state={state} />
          </span>
          {linkedAt && (
            <Chip tone="good">
              <Link2 aria-hidden className="size-3" />
              {t.nodeServers.linked}
            </Chip>
          )}
        </>
      }
      below={
        <>
          {stateReason && !isTold && <p>{stateReason}</p>}
          <p className="text-sm text-faint">
            {facts}
            {connected && timeStarted ? (
              <>
                {' · '}
                {t.nodeServers.upFor} <Elapsed since={timeStarted} isFocusable />
              </>
            ) : (
              lastDisconnect && (
                <>
                  {' · '}
                  {t.nodeServers.lastSeen} <RelativeTime at={lastDisconnect} />
                </>
              )
            )}
          </p>
        </>
      }
      actions={
        <>
          {possible.stop && (
            <Button icon={Square} isBusy={isActing('stop')} onClick={act('stop')}>
              {t.actions.words.stop}
            </Button>
          )}
          {possible.restart && (
            <Button icon={RotateCw} isBusy={isActing('restart')} onClick={act('restart')}>
              {t.actions.words.restart}
            </Button>
          )}
          {possible.start && (
            <Button
              kind={isTold ? 'plain' : 'main'}
              icon={Play}
              isBusy={isActing('start')}
              onClick={act('start')}
            >
              {t.actions.words.start}
            </Button>
          )}
        </>
      }
    />
  );
}
