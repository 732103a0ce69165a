import type { AuditEntry } from '@polyrelay/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { useMemo, useState } from 'react';
import { t } from '../../strings';
import { Button } from '../../ui/button';
import { CodeBlock } from '../../ui/code-block';
import { Card, PageHeader } from '../../ui/page';
import { SearchInput } from '../../ui/search-input';
import { Empty, Loaded, Skeleton } from '../../ui/states';
import { RelativeTime } from '../../ui/time';
import { auditQuery } from './queries';

/** Who did what, newest first; for administrators. */
export default function AuditPage() {
  const audit = useInfiniteQuery(auditQuery);
  const [text, setText] = useState('');
  const entries = useMemo(() => audit.data?.pages.flatMap((page) => page.items) ?? [], [audit.data]);
  const shown = entries.filter((entry) => matches(entry, text));
  return (
    <>
      <PageHeader title={t.audit.title} below={t.audit.text} />
      <Loaded query={audit} skeleton={<Skeleton rows={8} className="h-12" />}>
        {() => (
          <div className="flex flex-col gap-3">
            <div className="flex flex-wrap items-center justify-between gap-3">
              <SearchInput
                label={t.audit.search}
                value={text}
                onChange={setText}
                className="w-full sm:w-72"
              />
              <span className="text-sm text-faint">
                {shown.length === entries.length
                  ? t.audit.count(entries.length)
                  : t.ui.shownOf(shown.length, entries.length)}
              </span>
            </div>
            {shown.length === 0 ? (
              <Empty
                icon={ScrollText}
                title={entries.length === 0 ? t.audit.empty : t.ui.nothingFound}
                isSmall
              />
            ) : (
              <Card isFlush>
                <ul className="divide-y divide-line">
                  {shown.map((entry) => (
                    <AuditRow key={entry.id} entry={entry} />
                  ))}
                </ul>
              </Card>
            )}
            {audit.hasNextPage && (
              <Button
                onClick={() => void audit.fetchNextPage()}
                isBusy={audit.isFetchingNextPage}
                className="self-center"
              >
                {t.ui.older}
              </Button>
            )}
          </div>
        )}
      </Loaded>
    </>
  );
}

/** An action in words: ours, else its code taken apart (`thing.sendAgain` → “Thing send again”). */
function actionWords(action: string): string {
  const known = (t.audit.actions as Record<string, string>)[action];
  if (known) return known;
  const words = action
    .replace(/[._-]+/g, ' ')
    .replace(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const matches = (entry: AuditEntry, text: string): boolean =>
  `${entry.actor} ${entry.action} ${actionWords(entry.action)} ${entry.target} ${JSON.stringify(entry.detail)}`
    .toLowerCase()
    .includes(text.trim().toLowerCase());

function AuditRow({ entry }: { entry: AuditEntry }) {
  const hasDetail = Object.keys(entry.detail).length > 0;
  return (
    <li className="px-4 py-2.5">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <span className="font-medium">{actionWords(entry.action)}</span>
        <span className="min-w-0 flex-1 basis-40 truncate text-soft">{entry.target}</span>
        <span className="text-sm text-faint">
          <RelativeTime at={entry.at} />
        </span>
      </div>
      <p className="text-sm text-soft">
        {entry.actor}
        {entry.ip && <span className="text-faint"> · {entry.ip}</span>}
      </p>
      {hasDetail && (
        <details className="mt-1">
          <summary className="w-fit rounded-sm text-sm text-accent">{t.audit.detail}</summary>
          <CodeBlock label={t.audit.detail} text={JSON.stringify(entry.detail, null, 2)} className="mt-1" />
        </details>
      )}
    </li>
  );
}
