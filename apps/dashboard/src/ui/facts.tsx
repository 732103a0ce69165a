import type { ReactNode } from 'react';
import { CopyButton } from './copy';

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Facts about a thing, as a definition list. */
export function Facts({ facts, columns = 1 }: { facts: readonly Fact[]; columns?: 1 | 2 }) {
  return (
    <dl className={`grid gap-x-8 ${columns === 2 ? 'lg:grid-cols-2' : ''}`}>
      {facts.map(({ label, value }) => (
        <div
          key={label}
          className="grid grid-cols-[minmax(7.25rem,2fr)_5fr] items-baseline gap-3 border-b border-line py-2 last:border-0"
        >
          <dt className="text-soft">{label}</dt>
          <dd className="min-w-0 wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A text for programs, whole and to copy. */
export const codeFact = (label: string, text: string): Fact => ({
  label,
  value: (
    <span className="inline-flex max-w-full items-center gap-1">
      <code className="font-mono text-sm wrap-anywhere">{text}</code>
      <CopyButton text={text} what={label} />
    </span>
  ),
});
