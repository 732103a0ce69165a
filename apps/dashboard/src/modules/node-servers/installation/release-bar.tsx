import type { Release } from '@polyrelay/contract';
import { t } from '../../../strings';
import { CopyButton } from '../../../ui/copy';
import { RelativeTime } from '../../../ui/time';
import type { ServerFacts } from '../node-map';
import { nameOf, shortCommit, situationOf, whyNoUpdate } from './release';
import { UpdateButtons } from './update-buttons';

/** What is installed, from where and since when, and how to change to another release. */
export function ReleaseBar({ server }: { server: ServerFacts }) {
  const { installed, source } = server;
  if (source === null) return null;
  // Before the first installation there is nothing to tell, unless that failed: another source may mend it.
  if (installed === null && situationOf(server) !== 'notInstalled') return null;
  const whyNot = whyNoUpdate(server);
  return (
    <section
      aria-label={t.installation.title}
      className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-lg border border-line bg-card px-4 py-2 shadow-card"
    >
      <div className="min-w-0">
        {installed ? <Installed release={installed} /> : <p>{t.installation.nothing}</p>}
        {whyNot && <p className="text-sm text-faint">{whyNot}</p>}
      </div>
      <UpdateButtons server={server} source={source} whyNot={whyNot} />
    </section>
  );
}

function Installed({ release }: { release: Release }) {
  const { ref, commit, version, installedAt } = release;
  return (
    <p className="wrap-anywhere">
      {t.installation.installed} <strong className="font-semibold">{nameOf(release)}</strong>
      <span className="text-soft">
        {ref && (
          <>
            {' · '}
            <span className="font-mono text-sm">{ref}</span>
          </>
        )}
        {commit && (
          <>
            {' · '}
            {version !== '' && `${t.installation.commit} `}
            <code className="font-mono text-sm" title={commit}>
              {shortCommit(commit)}
            </code>
            <CopyButton text={commit} what={t.installation.commit} />
          </>
        )}
        {' · '}
        <RelativeTime at={installedAt} />
      </span>
    </p>
  );
}
