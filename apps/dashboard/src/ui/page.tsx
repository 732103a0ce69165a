import { type ReactNode, useEffect } from 'react';
import { t } from '../strings';

interface HeaderProps {
  title: string;
  /** Beside the title: a state, a count. */
  beside?: ReactNode;
  /** Under the title: a sentence or facts. */
  below?: ReactNode;
  /** Above the title: the way back. */
  above?: ReactNode;
  actions?: ReactNode;
}

/** Title of a page, with its state beside it and its main action on the right. */
export function PageHeader({ title, beside, below, above, actions }: HeaderProps) {
  useTitle(title);
  return (
    <header className="mb-5 flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        {above && <div className="mb-1 text-sm">{above}</div>}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
          <h1 className="min-w-0 text-xl font-semibold tracking-tight">{title}</h1>
          {beside}
        </div>
        {below && <div className="mt-1 max-w-3xl text-soft">{below}</div>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}

/** Names the browser's tab after the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === t.product ? title : `${title} · ${t.product}`;
  }, [title]);
}

/** A box of related things with an optional title. */
export function Card({
  title,
  actions,
  children,
  className = '',
  isFlush = false,
}: {
  title?: string;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  isFlush?: boolean;
}) {
  return (
    <section className={`min-w-0 rounded-lg border border-line bg-card shadow-card ${className}`}>
      {title && (
        <div className="flex min-h-12 flex-wrap items-center justify-between gap-2 px-4 pt-2">
          <h2 className="font-semibold">{title}</h2>
          {actions}
        </div>
      )}
      <div className={isFlush ? '' : title ? 'px-4 pt-1 pb-4' : 'p-4'}>{children}</div>
    </section>
  );
}
