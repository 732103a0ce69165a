import type { Installation } from '@polyrelay/contract';
import { useState } from 'react';
import { recall, remember } from '../../../lib/storage';
import { t } from '../../../strings';
import { Banner } from '../../../ui/banner';
import { Fold } from '../../../ui/fold';
import { LogLink } from '../log-link';
import type { ServerFacts } from '../node-map';
import { StartButton } from '../start-button';
import { nameOf, situationOf } from './release';
import { Steps } from './steps';

/** How the newest installation ended, where that is not as wished: why, and what to do. */
export function OutcomeBanner({ server }: { server: ServerFacts }) {
  const { id, installation } = server;
  const situation = situationOf(server);
  const stamp = stampOf(installation);
  const [closed, setClosed] = useState(() => recall(`outcome.${id}`));
  if (installation === null) return null;
  const close = () => {
    remember(`outcome.${id}`, stamp);
    setClosed(stamp);
  };
  if (situation === 'notInstalled')
    return (
      <Banner
        tone="bad"
        title={t.installation.notInstalled}
        actions={
          <>
            <StartButton server={server} label={t.installation.tryAgain} />
            <LogLink id={id} />
          </>
        }
      >
        <p>{t.installation.notInstalledHint}</p>
        <Ended installation={installation} />
      </Banner>
    );
  if (closed === stamp) return null;
  if (situation === 'notUpdated')
    return (
      <Banner tone="bad" title={t.installation.notUpdated} actions={<LogLink id={id} />} onClose={close}>
        <p>{t.installation.notUpdatedHint(server.installed ? nameOf(server.installed) : '')}</p>
        <Ended installation={installation} />
      </Banner>
    );
  if (situation === 'takenBack')
    return (
      <Banner tone="warn" title={t.installation.takenBack} actions={<LogLink id={id} />} onClose={close}>
        <p>{installation.reason}</p>
        <p className="text-soft">{t.installation.takenBackHint}</p>
      </Banner>
    );
  if (situation === 'waiting')
    return (
      <Banner
        tone="info"
        title={t.installation.waiting(server.installed ? nameOf(server.installed) : '')}
        actions={<StartButton server={server} />}
      >
        <p className="text-soft">{t.installation.waitingHint}</p>
      </Banner>
    );
  return null;
}

/** The step that failed with its reason, and those before it folded away. */
function Ended({ installation: { steps, reason } }: { installation: Installation }) {
  const failed = steps.filter(({ state }) => state === 'failed');
  const others = steps.filter(({ state }) => state !== 'failed');
  return (
    <div className="mt-1 flex flex-col gap-2">
      {failed.length > 0 ? <Steps steps={failed} reason={reason} /> : <p className="text-bad">{reason}</p>}
      {others.length > 0 && (
        <Fold title={t.installation.stepsBefore(others.length)}>
          <div className="mt-2">
            <Steps steps={others} />
          </div>
        </Fold>
      )}
    </div>
  );
}

/** Which installation a banner speaks of, so that the next one is shown again. */
const stampOf = (installation: Installation | null): string =>
  `${installation?.steps[0]?.startedAt ?? ''} ${installation?.state ?? ''}`;
