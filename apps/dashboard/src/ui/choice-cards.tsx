import type { LucideIcon } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { cx } from './cx';

export interface ChoiceCard<T extends string> {
  value: T;
  label: string;
  hint?: string;
  icon?: LucideIcon;
  /** Beside the label: a word about it. */
  mark?: ReactNode;
  /** It cannot be chosen; `hint` says why. */
  isDisabled?: boolean;
}

interface Props<T extends string> {
  legend: string;
  choices: readonly ChoiceCard<T>[];
  value: T;
  onChange: (value: T) => void;
  columns?: string;
}

/** One of a few, each explained: radio buttons drawn as cards. */
export function ChoiceCards<T extends string>({
  legend,
  choices,
  value,
  onChange,
  columns = 'sm:grid-cols-2',
}: Props<T>) {
  const name = useId();
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 text-sm font-medium">{legend}</legend>
      <div className={cx('grid gap-2', columns)}>
        {choices.map(({ value: each, label, hint, icon: Icon, mark, isDisabled }) => (
          <label
            key={each}
            className={cx(
              'relative flex items-start gap-2.5 rounded-md border border-edge p-3 has-checked:border-accent has-checked:bg-accent-ground has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
              isDisabled ? 'cursor-default! bg-sunken text-soft' : 'bg-card hover:bg-hover',
            )}
          >
            <input
              type="radio"
              name={name}
              value={each}
              checked={each === value}
              disabled={isDisabled}
              onChange={() => onChange(each)}
              className="mt-1 outline-none"
            />
            <span className="min-w-0">
              <span className="flex flex-wrap items-center gap-1.5 font-medium">
                {Icon && <Icon aria-hidden className="size-4 text-faint" />}
                {label}
                {mark}
              </span>
              {hint && <span className="block text-sm text-soft">{hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
