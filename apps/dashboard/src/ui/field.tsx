import { CircleAlert } from 'lucide-react';
import { type ReactNode, useId } from 'react';

/** What the control inside a field has to carry, so that label, hint and error belong to it. */
export interface ControlProps {
  id: string;
  name?: string | undefined;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean | undefined;
  onBlur?: (() => void) | undefined;
}

export interface FieldProps {
  label: string;
  name?: string | undefined;
  hint?: ReactNode;
  error?: string | undefined;
  isOptional?: boolean | undefined;
  onBlur?: (() => void) | undefined;
}

/** Label above, control, then what is wrong or a hint. */
export function Field({
  label,
  hint,
  error,
  isOptional,
  name,
  onBlur,
  children,
}: FieldProps & { children: (control: ControlProps) => ReactNode }) {
  const id = useId();
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {isOptional && <span className="font-normal text-faint"> (optional)</span>}
      </label>
      {children({
        id,
        name,
        onBlur,
        'aria-describedby': described || undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {error && <FieldMessage id={`${id}-error`} text={error} />}
      {hint && (
        <div id={`${id}-hint`} className="text-sm text-faint">
          {hint}
        </div>
      )}
    </div>
  );
}

/** What is wrong, in words and with a sign: never by colour alone. */
export function FieldMessage({ id, text }: { id?: string; text: string }) {
  return (
    <p id={id} className="flex items-start gap-1.5 text-sm text-bad">
      <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
      <span className="min-w-0">{text}</span>
    </p>
  );
}

/** An error of a whole form, read out at once. */
export function FormError({ text }: { text: string | null | undefined }) {
  if (!text) return null;
  return (
    <div
      role="alert"
      tabIndex={-1}
      className="flex items-start gap-2 rounded-md border border-bad/40 bg-bad-ground px-3 py-2 text-sm text-bad"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0">{text}</span>
    </div>
  );
}
