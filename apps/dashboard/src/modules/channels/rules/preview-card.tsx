import type { RuleMapping } from '@polyrelay/contract';
import { ArrowRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { RelativeTime } from '../../../ui/time';
import { type FieldBefore, fieldsAfter, fieldsBefore } from './outcome';
import type { PreviewItem } from './use-preview';

/** Lines of one message, and characters of a value, at most. */
const MOST_FIELDS = 60;
const MOST_TEXT = 200;

/** One fact as it comes, and as it would be added. */
export function PreviewCard({ item, mapping }: { item: PreviewItem; mapping: RuleMapping }) {
  const { at, from, before, after } = item;
  return (
    <article className="min-w-0 rounded-lg border border-line bg-card p-3 shadow-card">
      <h3 className="mb-2 flex flex-wrap items-baseline gap-x-2 text-sm">
        <span className="min-w-0 font-medium wrap-anywhere">{from}</span>
        <span className="text-faint">
          <RelativeTime at={at} />
        </span>
      </h3>
      <div className="grid gap-3 sm:grid-cols-2">
        <Side title={t.channels.rules.preview.before}>
          {fieldsBefore(before, mapping).map((field) => (
            <Line key={field.name} name={field.name} value={field.value} isOut={field.fate === 'leftOut'}>
              <Fate field={field} />
            </Line>
          ))}
        </Side>
        <Side title={t.channels.rules.preview.after}>
          {fieldsAfter(before, after, mapping).map(({ name, value, isRenamed }) => (
            <Line key={name} name={name} value={value} isNew={isRenamed} />
          ))}
        </Side>
      </div>
    </article>
  );
}

const Side = ({ title, children }: { title: string; children: readonly ReactNode[] }) => (
  <div className="min-w-0">
    <h4 className="mb-1 text-xs font-medium text-faint">{title}</h4>
    <ul className="flex flex-col gap-1 rounded-md bg-sunken p-2 font-mono text-xs">
      {children.slice(0, MOST_FIELDS)}
      {children.length > MOST_FIELDS && (
        <li className="font-sans text-faint">
          {t.channels.rules.preview.moreFields(children.length - MOST_FIELDS)}
        </li>
      )}
    </ul>
  </div>
);

interface LineProps {
  name: string;
  value: unknown;
  isOut?: boolean;
  isNew?: boolean;
  children?: ReactNode;
}

const Line = ({ name, value, isOut = false, isNew = false, children }: LineProps) => (
  <li className="wrap-anywhere">
    <span className={cx(isOut && 'text-faint line-through', isNew && 'rounded-sm bg-mark-ground font-bold')}>
      <span className={cx(!isOut && 'text-accent-strong')}>{name}</span>: {shown(value)}
    </span>
    {isNew && <span className="sr-only"> ({t.channels.rules.preview.renamed})</span>}
    {children}
  </li>
);

function Fate({ field: { fate, to } }: { field: FieldBefore }) {
  if (fate === 'leftOut') return <span className="sr-only"> ({t.channels.rules.preview.leftOut})</span>;
  if (fate !== 'renamed' || to === undefined) return null;
  return (
    <span className="font-sans text-soft">
      {' '}
      <ArrowRight aria-hidden className="inline size-3" /> {t.channels.rules.preview.becomes(to)}
    </span>
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}
