import { LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx';

export type ButtonKind = 'main' | 'plain' | 'quiet' | 'danger' | 'dangerQuiet';

const kinds: Record<ButtonKind, string> = {
  main: 'bg-accent-fill text-on-accent hover:bg-accent-fill-hover',
  plain: 'border border-edge bg-card text-ink hover:bg-hover',
  quiet: 'text-soft hover:bg-hover hover:text-ink',
  danger: 'bg-bad-fill text-white hover:bg-bad-fill-hover',
  dangerQuiet: 'border border-edge bg-card text-bad hover:bg-bad-ground',
};

const shape =
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none transition-colors duration-100';
const sizes = { sm: 'h-8 px-2.5 text-sm', md: 'h-9 px-3.5 text-base' };

/** Classes of a button, for links that look like one. */
export const buttonClass = (kind: ButtonKind = 'plain', size: keyof typeof sizes = 'md'): string =>
  cx(shape, sizes[size], kinds[kind]);

interface ButtonProps extends ComponentProps<'button'> {
  kind?: ButtonKind;
  size?: keyof typeof sizes;
  icon?: LucideIcon | undefined;
  /** Something is under way: says so and takes no second click, but keeps the focus. */
  isBusy?: boolean | undefined;
  children?: ReactNode;
}

export function Button({
  kind = 'plain',
  size = 'md',
  icon: Icon,
  isBusy,
  children,
  className,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={isBusy || rest['aria-disabled']}
      aria-busy={isBusy}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
      className={cx(
        buttonClass(kind, size),
        isBusy && 'cursor-progress opacity-80',
        'disabled:opacity-60',
        className,
      )}
    >
      {isBusy ? (
        <LoaderCircle aria-hidden className="size-4 animate-spin" />
      ) : (
        Icon && <Icon aria-hidden className="size-4" />
      )}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<'button'> {
  icon: LucideIcon;
  /** Its accessible name, also shown as a tip. */
  label: string;
  size?: 'sm' | 'md' | undefined;
}

/** A button of a picture alone, with its name as a tip. */
export function IconButton({ icon: Icon, label, size = 'md', className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      data-tip={label}
      {...rest}
      className={cx(
        'inline-grid shrink-0 place-items-center rounded-md text-soft transition-colors duration-100 hover:bg-hover hover:text-ink',
        size === 'sm' ? 'size-7' : 'size-9',
        className,
      )}
    >
      <Icon aria-hidden className={size === 'sm' ? 'size-3.5' : 'size-4.5'} />
    </button>
  );
}
