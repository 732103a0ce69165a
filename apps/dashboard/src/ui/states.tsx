import { CloudOff, type LucideIcon, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { t } from '../strings';
import { Button } from './button';
import { cx } from './cx';

/** An empty page: what it is for, and the button to begin. */
export function Empty({
  icon: Icon,
  title,
  children,
  action,
  isSmall,
  isPage,
}: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  isSmall?: boolean;
  /** It is the whole page: its title is the page's. */
  isPage?: boolean;
}) {
  const Title = isPage ? 'h1' : 'h2';
  return (
    <div
      className={cx(
        'flex flex-col items-center rounded-lg border border-dashed border-edge px-6 text-center',
        isSmall ? 'py-8' : 'py-14',
      )}
    >
      <span className="mb-3 grid size-11 place-items-center rounded-full bg-sunken text-faint">
        <Icon aria-hidden className="size-5" />
      </span>
      <Title className="text-lg font-semibold">{title}</Title>
      {children && <div className="mt-1 w-full max-w-md text-soft">{children}</div>}
      {action && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** Something could not be fetched: why, and a way to try again. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div
      role="alert"
      className="flex flex-col items-center rounded-lg border border-line bg-card px-6 py-10 text-center"
    >
      <span className="mb-3 grid size-11 place-items-center rounded-full bg-bad-ground text-bad">
        <CloudOff aria-hidden className="size-5" />
      </span>
      <h2 className="text-lg font-semibold">{t.errors.title}</h2>
      <p className="mt-1 max-w-md text-soft">{error instanceof Error ? error.message : String(error)}</p>
      {onRetry && (
        <Button icon={RotateCw} onClick={onRetry} className="mt-4">
          {t.ui.retry}
        </Button>
      )}
    </div>
  );
}

/** A grey shape where something will be. */
export const Bone = ({ className }: { className: string }) => (
  <span aria-hidden className={cx('block animate-pulse rounded-md bg-sunken', className)} />
);

/** A list's shape while it loads. */
export function Skeleton({ rows = 4, className = 'h-16' }: { rows?: number; className?: string }) {
  return (
    <div role="status" className="flex flex-col gap-2">
      <span className="sr-only">{t.ui.loading}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: grey shapes have no other identity
        <Bone key={row} className={className} />
      ))}
    </div>
  );
}

interface QueryLike<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** Shows a fetched answer: its shape while loading, what went wrong with a way to retry, else the content. */
export function Loaded<T>({
  query,
  skeleton,
  children,
}: {
  query: QueryLike<T>;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return skeleton ?? <Skeleton />;
}
