import type { CatalogueProblem } from '@polyrelay/contract';
import { CloudOff, RotateCw } from 'lucide-react';
import { t } from '../../strings';
import { Button } from '../../ui/button';
import { RelativeTime } from '../../ui/time';
import { useRefresh } from './refresh-button';

/** Catalogues that could not be read: which, why, what is shown instead, and a way to try again. */
export function Unreachable({
  problems,
  refreshedAt,
}: {
  problems: readonly CatalogueProblem[];
  refreshedAt: string | null;
}) {
  const { mutate, isPending } = useRefresh();
  if (problems.length === 0) return null;
  return (
    <section
      aria-label={t.store.unreachable}
      className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-warn-ground px-4 py-3"
    >
      <CloudOff aria-hidden className="size-5 shrink-0 text-warn" />
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium">{t.store.unreachable}</p>
        <ul>
          {problems.map(({ catalogue, message }) => (
            <li key={catalogue} className="text-sm wrap-anywhere">
              {catalogue}: {message}
            </li>
          ))}
        </ul>
        {refreshedAt !== null && (
          <p className="text-sm">
            {t.store.lastCopy} <RelativeTime at={refreshedAt} />
          </p>
        )}
      </div>
      <Button icon={RotateCw} isBusy={isPending} onClick={() => mutate()}>
        {t.ui.retry}
      </Button>
    </section>
  );
}

/** What was left out of the catalogues, for those who can mend them. */
export function Problems({ problems }: { problems: readonly CatalogueProblem[] }) {
  if (problems.length === 0) return null;
  return (
    <details className="rounded-lg border border-line bg-card px-4 py-3">
      <summary className="cursor-pointer font-medium">{t.store.problems(problems.length)}</summary>
      <p className="mt-1 text-sm text-soft">{t.store.problemsText}</p>
      <ul className="mt-2 divide-y divide-line">
        {problems.map(({ catalogue, path, message }) => (
          <li key={`${catalogue} ${path} ${message}`} className="py-2 text-sm wrap-anywhere">
            <code className="font-mono">{path}</code>: {message}
            <span className="block text-faint">{catalogue}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
