import type { ReactNode } from 'react';
import { t } from '../strings';
import { Logo } from './logo';

/** A page without navigation: one card in the middle, for set-up and sign-in; bare where the page brings its own. */
export function PlainPage({ children, isBare }: { children: ReactNode; isBare?: boolean }) {
  return (
    <div className="grid min-h-dvh grid-rows-[1fr_auto_1.4fr] px-4 py-8">
      <div />
      <main id="main" className={`mx-auto w-full ${isBare ? 'max-w-xl' : 'max-w-sm'}`}>
        <div className="mb-6 flex items-center justify-center gap-2.5">
          <Logo className="size-8" />
          <span className="text-lg font-semibold tracking-tight">{t.product}</span>
        </div>
        {isBare ? (
          children
        ) : (
          <div className="rounded-xl border border-line bg-card p-6 shadow-card">{children}</div>
        )}
      </main>
      <div />
    </div>
  );
}
