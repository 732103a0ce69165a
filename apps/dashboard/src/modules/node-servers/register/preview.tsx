import { versionOf } from '@polyrelay/contract';
import { ExternalLink, FileJson } from 'lucide-react';
import { t } from '../../../strings';
import { Facts } from '../../../ui/facts';
import { Card } from '../../../ui/page';
import type { Reading } from './read-json';

/** What the server.json says, as the dashboard will show it. */
export function Preview({ reading }: { reading: Reading }) {
  if (reading.kind !== 'valid')
    return (
      <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed border-edge px-5 py-8 text-center text-soft">
        <FileJson aria-hidden className="size-6 text-faint" />
        {t.register.previewEmpty}
      </div>
    );
  const { serverJson } = reading;
  const credit = serverJson.credits?.[0];
  const version = versionOf(serverJson);
  const docs = serverJson.docs && /^https?:\/\//.test(serverJson.docs) ? serverJson.docs : undefined;
  const facts = [
    ...(version ? [{ label: t.register.version, value: version }] : []),
    ...(credit?.author ? [{ label: t.register.author, value: credit.author }] : []),
    {
      label: t.register.program,
      value: (
        <code className="font-mono text-sm break-all">{`${serverJson.type} ${serverJson.executable}`}</code>
      ),
    },
    ...(serverJson.shortPoll !== undefined || serverJson.longPoll !== undefined
      ? [{ label: t.register.polls, value: t.register.pollsOf(serverJson.shortPoll, serverJson.longPoll) }]
      : []),
    ...(credit?.license ? [{ label: t.register.license, value: credit.license }] : []),
  ];
  return (
    <Card title={t.register.preview}>
      <p data-testid="preview-name" className="text-lg font-semibold break-words">
        {serverJson.name}
      </p>
      {serverJson.description && <p className="mt-1 text-soft">{serverJson.description}</p>}
      <div className="mt-2">
        <Facts facts={facts} />
      </div>
      {serverJson.notice && (
        <p className="mt-3 rounded-md bg-warn-ground px-3 py-2 text-sm">{plain(serverJson.notice)}</p>
      )}
      {docs && (
        <a
          href={docs}
          target="_blank"
          rel="noopener noreferrer"
          className="mt-3 inline-flex items-center gap-1.5 font-medium text-accent hover:underline"
        >
          {t.register.docs}
          <ExternalLink aria-hidden className="size-3.5" />
        </a>
      )}
    </Card>
  );
}

/** A notice's words without its markup: nothing of an unknown file is rendered as HTML here. */
const plain = (html: string): string =>
  new DOMParser().parseFromString(html, 'text/html').body.textContent ?? '';
