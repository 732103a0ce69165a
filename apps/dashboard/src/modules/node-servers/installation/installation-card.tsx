import type { InstallStep } from '@polyrelay/contract';
import { t } from '../../../strings';
import { Card } from '../../../ui/page';
import { LogLink } from '../log-link';
import type { ServerFacts } from '../node-map';
import { nameOf, situationOf } from './release';
import { Steps } from './steps';

/** An installation or update under way: what is done, what is being done, and for how long. */
export function InstallationCard({ server }: { server: ServerFacts }) {
  const { id, installation, installed } = server;
  const situation = situationOf(server);
  if (installation === null || (situation !== 'running' && situation !== 'trial')) return null;
  const isTrial = situation === 'trial';
  const trial: InstallStep[] = isTrial && installed ? [trialStep(installed)] : [];
  return (
    <Card title={t.installation.underWay[installation.kind]} actions={<LogLink id={id} />}>
      <div role="status">
        <Steps steps={[...installation.steps, ...trial]} />
      </div>
      {isTrial && <p className="mt-2 text-sm text-soft">{t.installation.trialHint}</p>}
    </Card>
  );
}

/** The last step is the worker's own: it has to connect. */
const trialStep = (installed: NonNullable<ServerFacts['installed']>): InstallStep => ({
  name: t.installation.trial(nameOf(installed)),
  state: 'running',
  startedAt: installed.installedAt,
  endedAt: null,
});
