import { ChevronDown } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx';
import { Field, type FieldProps } from './field';
import { controlClass } from './input';

interface SelectProps extends Omit<ComponentProps<'select'>, 'onChange' | 'value'> {
  value: string;
  onChange: (value: string) => void;
  children: ReactNode;
}

/** The system's own select, dressed like the other controls: it serves phones and screen readers best. */
export function Select({ value, onChange, children, className, ...rest }: SelectProps) {
  return (
    <span className={cx('relative inline-flex min-w-0', className)}>
      <select
        {...rest}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={cx(
          controlClass,
          'h-9 cursor-pointer appearance-none truncate bg-transparent pr-8 [&>*]:bg-raised',
        )}
      >
        {children}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute top-2.5 right-2.5 size-4 text-faint" />
    </span>
  );
}

/** A labelled select. */
export function SelectField({
  label,
  hint,
  error,
  isOptional,
  name,
  onBlur,
  ...rest
}: FieldProps & Omit<SelectProps, 'onBlur' | 'name'> & { label: string }) {
  return (
    <Field {...{ label, hint, error, isOptional, name, onBlur }}>
      {(control) => <Select {...rest} {...control} className="w-full" />}
    </Field>
  );
}
