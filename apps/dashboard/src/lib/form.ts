import type { FieldError } from '@polyrelay/contract';
import { type FormEvent, useCallback, useRef, useState } from 'react';
import type { z } from 'zod';
import { ApiError } from './api';

export type Errors = Record<string, string>;

/** First message for each path (`customParams.user`). */
export function errorsOf(issues: readonly FieldError[]): Errors {
  const errors: Errors = {};
  for (const { path, message } of issues) errors[path] ??= message;
  return errors;
}

/** What the contract's schema says about a value, by path. */
export function check(schema: z.ZodType, value: unknown): Errors {
  const result = schema.safeParse(value);
  if (result.success) return {};
  return errorsOf(result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })));
}

interface Options<V extends object, R> {
  initial: V;
  /** The server's own schema; it judges what `toRequest` makes of the values. */
  schema: z.ZodType | ((values: V) => z.ZodType);
  toRequest?: (values: V) => unknown;
  /** What is wrong besides and the request cannot show, by field. */
  extra?: (values: V) => Errors;
  /** Where an error of the request belongs in the form, when that is not at the same path. */
  fieldOf?: (path: string) => string;
  submit: (values: V) => Promise<R>;
  onDone?: (result: R, values: V) => void;
}

/**
 * A form that validates as one types: a field's error shows once the field was left, and at once from
 * then on; submitting shows all and goes to the first. Errors of the server land beside their fields,
 * the rest in `formError`. Nothing typed is ever lost.
 */
export function useForm<V extends object, R>({
  initial,
  schema,
  toRequest,
  fieldOf,
  extra,
  submit,
  onDone,
}: Options<V, R>) {
  const [values, setValues] = useState(initial);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [serverErrors, setServerErrors] = useState<Errors>({});
  const [formError, setFormError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const place = (errors: Errors): Errors =>
    fieldOf
      ? Object.fromEntries(Object.entries(errors).map(([path, text]) => [fieldOf(path), text]))
      : errors;
  const own = {
    ...place(
      check(typeof schema === 'function' ? schema(values) : schema, toRequest ? toRequest(values) : values),
    ),
    ...extra?.(values),
  };

  const set = useCallback(<K extends keyof V & string>(name: K, value: V[K]) => {
    setValues((before) => ({ ...before, [name]: value }));
    setServerErrors(({ [name]: _, ...rest }) => rest);
  }, []);
  const touch = useCallback((name: string) => setTouched((before) => new Set(before).add(name)), []);

  /** Props of the field of that name. */
  const field = <K extends keyof V & string>(name: K) => ({
    name,
    error: serverErrors[name] ?? (touched.has(name) ? own[name] : undefined),
    onBlur: () => touch(name),
  });

  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy) return;
    setFormError(null);
    const wrong = Object.keys(own);
    setTouched(new Set([...touched, ...Object.keys(values), ...wrong]));
    if (wrong.length > 0) {
      if (!wrong.some((path) => path in values)) setFormError(own[wrong[0] as string] ?? null);
      requestAnimationFrame(() => focusFirstError(form.current));
      return;
    }
    setBusy(true);
    try {
      const result = await submit(values);
      setServerErrors({});
      onDone?.(result, values);
    } catch (error) {
      const errors = error instanceof ApiError ? place(errorsOf(error.errors)) : {};
      setServerErrors(errors);
      const isPlaced = Object.keys(errors).some((path) => path in values);
      setFormError(isPlaced ? null : error instanceof Error ? error.message : String(error));
      requestAnimationFrame(() => focusFirstError(form.current));
    } finally {
      setBusy(false);
    }
  };

  /** Starts again with other values. */
  const reset = (next: V = initial) => {
    setValues(next);
    setTouched(new Set());
    setServerErrors({});
    setFormError(null);
  };

  return {
    values,
    set,
    touch,
    field,
    errors: { ...own, ...serverErrors },
    formError,
    isBusy,
    reset,
    setFormError,
    form: { ref: form, onSubmit, noValidate: true },
  };
}

function focusFirstError(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]')?.focus();
}
