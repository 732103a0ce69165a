import type { ReactNode } from 'react';
import { cx } from './cx';

interface Props {
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  children: ReactNode;
  /** It follows from another choice. */
  isDisabled?: boolean;
  className?: string | undefined;
}

/** One line of a list to choose several from. */
export const CheckRow = ({ isOn, onChange, children, isDisabled = false, className }: Props) => (
  <label
    className={cx(
      'flex min-w-0 items-start gap-2.5 rounded-sm px-2 py-1.5',
      !isDisabled && 'cursor-pointer hover:bg-hover',
      className,
    )}
  >
    <input
      type="checkbox"
      checked={isOn}
      disabled={isDisabled}
      onChange={(event) => onChange(event.target.checked)}
      className="mt-0.5 size-4 shrink-0 accent-accent"
    />
    <span className="min-w-0 wrap-anywhere">{children}</span>
  </label>
);
