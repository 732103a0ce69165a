import { RotateCw } from 'lucide-react';
import { t } from '../../../strings';
import { Banner } from '../../../ui/banner';
import { Button } from '../../../ui/button';
import { RelativeTime } from '../../../ui/time';
import { useWorkerAction } from '../actions';
import { situationOf } from '../installation/release';
import { LogLink } from '../log-link';
import type { ServerFacts } from '../node-map';
import { StartButton } from '../start-button';

/** A worker that stopped by itself or does not connect: what happened, what comes next, and what to do. */
export function StateBanner({ server }: { server: ServerFacts }) {
  const { id, name, state, stateReason, runtime, lastDisconnect } = server;
  const { mutate, isPending } = useWorkerAction();
  // That it could not be installed says it already.
  if (state === 'crashed' && situationOf(server) !== 'notInstalled')
    return (
      <Banner
        tone="bad"
        title={t.nodeServers.crashedTitle}
        actions={
          <>
            <StartButton server={server} label={t.nodeServers.startNow} />
            <LogLink id={id} />
          </>
        }
      >
        <p>{stateReason || t.nodeServers.stateTexts.crashed}</p>
        {lastDisconnect && (
          <p className="text-sm text-soft">
            {t.nodeServers.lastConnected} <RelativeTime at={lastDisconnect} />
          </p>
        )}
      </Banner>
    );
  if (state === 'silent')
    return (
      <Banner
        tone="warn"
        title={t.nodeServers.silentTitle}
        actions={
          <>
            {runtime !== 'local' && (
              <Button
                size="sm"
                icon={RotateCw}
                isBusy={isPending}
                onClick={() => mutate({ id, name, action: 'restart' })}
              >
                {t.actions.words.restart}
              </Button>
            )}
            <LogLink id={id} />
          </>
        }
      >
        <p>{stateReason || t.nodeServers.stateTexts.silent}</p>
      </Banner>
    );
  return null;
}
