import { Eye, EyeOff } from 'lucide-react';
import { type ComponentProps, useState } from 'react';
import { t } from '../strings';
import { cx } from './cx';
import { Field, type FieldProps } from './field';

/** How every control that is written in looks. */
export const controlClass =
  'w-full min-w-0 rounded-md border border-control bg-card px-3 text-base text-ink max-sm:text-lg placeholder:text-faint aria-invalid:border-bad disabled:opacity-60';

type InputProps = Omit<ComponentProps<'input'>, 'onChange' | 'onBlur' | 'value' | 'name'>;
interface TextProps extends FieldProps, InputProps {
  value: string;
  onChange: (value: string) => void;
  isMono?: boolean | undefined;
  label: string;
}

/** A labelled line of text. */
export function TextField({
  label,
  hint,
  error,
  isOptional,
  name,
  onBlur,
  value,
  onChange,
  isMono,
  className,
  ...rest
}: TextProps) {
  return (
    <Field {...{ label, hint, error, isOptional, name, onBlur }}>
      {(control) => (
        <input
          {...rest}
          {...control}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={cx(controlClass, 'h-9', isMono && 'font-mono text-sm', className)}
        />
      )}
    </Field>
  );
}

/** A labelled password that can be looked at. */
export function PasswordField({
  label,
  hint,
  error,
  isOptional,
  name,
  onBlur,
  value,
  onChange,
  ...rest
}: Omit<TextProps, 'type' | 'isMono'>) {
  const [isShown, setShown] = useState(false);
  const Icon = isShown ? EyeOff : Eye;
  return (
    <Field {...{ label, hint, error, isOptional, name, onBlur }}>
      {(control) => (
        <div className="relative">
          <input
            {...rest}
            {...control}
            type={isShown ? 'text' : 'password'}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={cx(controlClass, 'h-9 pr-10')}
          />
          <button
            type="button"
            aria-label={isShown ? t.ui.hidePassword : t.ui.showPassword}
            aria-pressed={isShown}
            onClick={() => setShown(!isShown)}
            className="absolute inset-y-0 right-0 grid w-9 place-items-center rounded-md text-faint hover:text-ink"
          >
            <Icon aria-hidden className="size-4" />
          </button>
        </div>
      )}
    </Field>
  );
}

interface TextAreaProps
  extends FieldProps,
    Omit<ComponentProps<'textarea'>, 'onChange' | 'onBlur' | 'value' | 'name'> {
  value: string;
  onChange: (value: string) => void;
  label: string;
}

/** A labelled text of several lines, in monospace: it holds JSON or the like. */
export function TextArea({
  label,
  hint,
  error,
  isOptional,
  name,
  onBlur,
  value,
  onChange,
  className,
  ...rest
}: TextAreaProps) {
  const { 'aria-describedby': described, 'aria-invalid': isInvalid } = rest;
  return (
    <Field {...{ label, hint, error, isOptional, name, onBlur }}>
      {(control) => (
        <textarea
          spellCheck={false}
          {...rest}
          {...control}
          aria-describedby={cx(control['aria-describedby'], described) || undefined}
          aria-invalid={control['aria-invalid'] ?? isInvalid}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={cx(controlClass, 'min-h-20 py-2 font-mono text-sm', className)}
        />
      )}
    </Field>
  );
}
