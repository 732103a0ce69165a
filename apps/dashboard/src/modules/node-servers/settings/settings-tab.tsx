import { t } from '../../../strings';
import { CopyId } from '../../../ui/copy';
import { Facts } from '../../../ui/facts';
import { Card } from '../../../ui/page';
import { Switch } from '../../../ui/switch';
import { RelativeTime } from '../../../ui/time';
import type { ServerFacts } from '../node-map';
import { DangerZone } from './danger-zone';
import { GeneralForm } from './general-form';
import { InboundCard } from './inbound-card';
import { PgUrlCard } from './pgurl-card';
import { PollsForm } from './polls-form';
import { ProviderForm } from './provider-form';
import { RuntimeForm } from './runtime-form';
import { useChange } from './use-change';
import { WebhookCard } from './webhook-card';

/** What can be changed about a node server, what it is, and how to be rid of it. */
export function SettingsTab({ server }: { server: ServerFacts }) {
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-5">
        <GeneralForm server={server} />
        <PollsForm server={server} />
        <RuntimeForm server={server} />
        <ProviderForm server={server} />
        <InboundCard server={server} />
      </div>
      <div className="flex min-w-0 flex-col gap-5">
        <AboutCard server={server} />
        <PgUrlCard pgUrl={server.pgUrl} />
        <WebhookCard server={server} />
        <DangerZone server={server} />
      </div>
    </div>
  );
}

function AboutCard({ server }: { server: ServerFacts }) {
  const {
    description,
    docs,
    source,
    language,
    version,
    runtime,
    worker,
    id,
    timeAdded,
    timeStarted,
    linkedAt,
    credits,
    development,
  } = server;
  const change = useChange(server);
  const author = credits[0]?.author;
  const link = /^https?:\/\//.test(docs) ? docs : null;
  return (
    <Card title={t.nodeSettings.about}>
      {description && <p className="mb-2 text-soft">{description}</p>}
      <Facts
        facts={[
          ...(version ? [{ label: t.register.version, value: version }] : []),
          ...(typeof author === 'string' ? [{ label: t.register.author, value: author }] : []),
          ...(link
            ? [
                {
                  label: t.register.docs,
                  value: (
                    <a
                      href={link}
                      target="_blank"
                      rel="noopener noreferrer"
                      className="text-accent hover:underline"
                    >
                      {link}
                    </a>
                  ),
                },
              ]
            : []),
          { label: t.nodeSettings.source, value: <Source source={source} /> },
          { label: t.nodeSettings.runtime, value: `${t.runtimes[runtime]} · ${language}` },
          { label: t.nodeSettings.worker, value: <CopyId id={worker} what={t.nodeSettings.worker} /> },
          { label: t.nodeSettings.id, value: <CopyId id={id} what={t.nodeSettings.id} /> },
          { label: t.nodeSettings.addedAt, value: <RelativeTime at={timeAdded} /> },
          { label: t.nodeSettings.startedAt, value: <RelativeTime at={timeStarted} /> },
          { label: t.nodeSettings.linkedAt, value: <RelativeTime at={linkedAt} /> },
        ]}
      />
      <div className="mt-3 border-t border-line pt-3">
        <Switch
          label={t.nodeSettings.development}
          hint={t.nodeSettings.developmentHint}
          checked={development}
          isBusy={change.isPending}
          onChange={(value) => change.mutate({ development: value })}
        />
      </div>
    </Card>
  );
}

function Source({ source }: { source: ServerFacts['source'] }) {
  if (source === null) return t.nodeSettings.noSource;
  if ('git' in source)
    return (
      <span className="font-mono text-sm">
        {source.git}
        {source.ref && <span className="block text-soft">{source.ref}</span>}
      </span>
    );
  return <span className="font-mono text-sm">{'folder' in source ? source.folder : source.archive}</span>;
}
