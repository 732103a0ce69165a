import { useId } from 'react';
import { cx } from './cx';

interface Props<T extends string> {
  label: string;
  choices: readonly { value: T; label: string; count?: number }[];
  value: T;
  onChange: (value: T) => void;
  className?: string;
}

/** One of a few short words, side by side; scrolls within itself where there is no room. */
export function Segmented<T extends string>({ label, choices, value, onChange, className }: Props<T>) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className={cx('no-bar flex max-w-full gap-0.5 overflow-x-auto rounded-md bg-sunken p-0.5', className)}
    >
      {choices.map((choice) => (
        <label
          key={choice.value}
          className="relative flex h-8 shrink-0 items-center gap-1.5 rounded-sm px-2.5 text-sm font-medium text-soft hover:text-ink has-checked:bg-raised has-checked:text-ink has-checked:shadow-card has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
            className="sr-only"
          />
          {choice.label}
          {choice.count !== undefined && (
            <span className="text-xs font-normal text-faint">{choice.count}</span>
          )}
        </label>
      ))}
    </div>
  );
}
