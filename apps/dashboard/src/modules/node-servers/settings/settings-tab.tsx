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
import { Sections } from './sections';
import { useChange } from './use-change';
import { WebhookCard } from './webhook-card';

/** What can be changed about a node server, what it is, and how to be rid of it. */
export function SettingsTab({ server }: { server: ServerFacts }) {
  const startUrl = { title: t.nodeSettings.pgUrl, card: <PgUrlCard pgUrl={server.pgUrl} /> };
  const fromOutside = [
    { title: t.nodeSettings.inbound, card: <InboundCard server={server} /> },
    { title: t.nodeSettings.webhook, card: <WebhookCard server={server} /> },
  ];
  return (
    <Sections
      columns={[
        [
          { title: t.nodeSettings.general, card: <GeneralForm server={server} /> },
          { title: t.runtime.title, card: <RuntimeForm server={server} /> },
          { title: t.provider.title, card: <ProviderForm server={server} /> },
          { title: t.nodeSettings.polls, card: <PollsForm server={server} /> },
        ],
        [
          // Who runs the worker needs its start URL first.
          ...(server.runtime === 'local' ? [startUrl, ...fromOutside] : [...fromOutside, startUrl]),
          { title: t.nodeSettings.about, card: <AboutCard server={server} /> },
          { title: t.nodeSettings.danger, card: <DangerZone server={server} /> },
        ],
      ]}
    />
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
