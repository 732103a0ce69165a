import type { ReactNode } from 'react';

/** Says above a control what it is for; the control has a name of its own. */
export function Caption({ text, children }: { text: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <span aria-hidden className="text-sm text-soft">
        {text}
      </span>
      {children}
    </div>
  );
}
