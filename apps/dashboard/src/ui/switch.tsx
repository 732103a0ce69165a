import { Switch as Radix } from 'radix-ui';
import { useId } from 'react';
import { cx } from './cx';

interface SwitchProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: string | undefined;
  /** The name is read out but not shown: it stands beside already. */
  isLabelHidden?: boolean;
  isBusy?: boolean;
}

/** On or off, at once. */
export function Switch({ label, checked, onChange, hint, isLabelHidden, isBusy }: SwitchProps) {
  const id = useId();
  return (
    <span className="inline-flex items-start gap-2.5">
      <Radix.Root
        id={id}
        checked={checked}
        onCheckedChange={onChange}
        aria-label={isLabelHidden ? label : undefined}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className={cx(
          'relative mt-px h-5.5 w-9.5 shrink-0 rounded-full border border-control bg-sunken transition-colors data-[state=checked]:border-transparent data-[state=checked]:bg-accent-fill',
          isBusy && 'animate-pulse',
        )}
      >
        <Radix.Thumb className="block size-4 translate-x-0.5 rounded-full bg-control transition-transform duration-100 data-[state=checked]:translate-x-[1.15rem] data-[state=checked]:bg-white" />
      </Radix.Root>
      {!isLabelHidden && (
        <span className="min-w-0">
          <label htmlFor={id} className="cursor-pointer font-medium">
            {label}
          </label>
          {hint && (
            <span id={`${id}-hint`} className="block text-sm text-faint">
              {hint}
            </span>
          )}
        </span>
      )}
    </span>
  );
}
