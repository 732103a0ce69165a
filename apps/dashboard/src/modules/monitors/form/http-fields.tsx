import type { TransportMethod } from '@polyrelay/contract';
import { Plus, X } from 'lucide-react';
import { t } from '../../../strings';
import { Button, IconButton } from '../../../ui/button';
import { CheckRow } from '../../../ui/check-row';
import { cx } from '../../../ui/cx';
import { FieldMessage } from '../../../ui/field';
import { Fold } from '../../../ui/fold';
import { controlClass, PasswordField, TextField } from '../../../ui/input';
import { SelectField } from '../../../ui/select';
import type { MonitorForm } from './use-monitor-form';
import type { HeaderRow } from './values';

/** Where requests go, and what they carry. */
export function HttpFields({ form, hasToken }: { form: MonitorForm; hasToken: boolean }) {
  const { values, set, field } = form;
  const text = t.monitors.form;
  const isNeeded = (['headers', 'connectTimeout', 'responseTimeout'] as const).some(
    (name) => field(name).error !== undefined,
  );
  const timeout = (name: 'connectTimeout' | 'responseTimeout') => (
    <TextField
      label={text[name]}
      hint={text.timeoutHint}
      inputMode="numeric"
      autoComplete="off"
      value={values[name]}
      onChange={(value) => set(name, value)}
      {...field(name)}
    />
  );
  return (
    <>
      <div className="grid gap-x-3 gap-y-5 sm:grid-cols-[1fr_7rem]">
        <TextField
          label={text.url}
          type="url"
          inputMode="url"
          isMono
          autoComplete="off"
          placeholder={text.urlExample}
          value={values.transportUrl}
          onChange={(url) => set('transportUrl', url)}
          {...field('transportUrl')}
        />
        <SelectField
          label={text.method}
          value={values.transportMethod}
          onChange={(method) => set('transportMethod', method as TransportMethod)}
        >
          <option value="PUT">PUT</option>
          <option value="POST">POST</option>
        </SelectField>
      </div>
      <div className="flex min-w-0 flex-col gap-1.5">
        <PasswordField
          label={text.token}
          hint={hasToken && !values.isTokenRemoved ? `${text.tokenHint} ${text.tokenKept}` : text.tokenHint}
          isOptional
          autoComplete="off"
          value={values.transportToken}
          onChange={(token) => set('transportToken', token)}
          {...field('transportToken')}
        />
        {hasToken && values.transportToken === '' && (
          <CheckRow
            isOn={values.isTokenRemoved}
            onChange={(isOn) => set('isTokenRemoved', isOn)}
            className="-ml-2"
          >
            {text.tokenRemove}
          </CheckRow>
        )}
      </div>
      <Fold title={text.more} isNeeded={isNeeded}>
        <div className="mt-3 flex flex-col gap-5">
          <Headers
            rows={values.headers}
            error={field('headers').error}
            onChange={(headers) => set('headers', headers)}
            onLeave={() => form.touch('headers')}
          />
          <div className="grid gap-x-3 gap-y-5 sm:grid-cols-2">
            {timeout('connectTimeout')}
            {timeout('responseTimeout')}
          </div>
        </div>
      </Fold>
    </>
  );
}

interface HeadersProps {
  rows: readonly HeaderRow[];
  error: string | undefined;
  onChange: (rows: HeaderRow[]) => void;
  onLeave: () => void;
}

/** Further headers of the requests. */
function Headers({ rows, error, onChange, onLeave }: HeadersProps) {
  const text = t.monitors.form;
  const put = (at: number, change: Partial<HeaderRow>) =>
    onChange(rows.map((row, index) => (index === at ? { ...row, ...change } : row)));
  const input = (at: number, part: keyof HeaderRow, label: string, placeholder: string) => (
    <input
      aria-label={label}
      aria-invalid={error !== undefined || undefined}
      placeholder={placeholder}
      autoComplete="off"
      spellCheck={false}
      value={rows[at]?.[part] ?? ''}
      onChange={(event) => put(at, { [part]: event.target.value })}
      onBlur={onLeave}
      className={cx(controlClass, 'h-9 font-mono text-sm')}
    />
  );
  return (
    <fieldset className="flex min-w-0 flex-col items-start gap-2">
      <legend className="mb-1.5 text-sm font-medium">{text.headers}</legend>
      {rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity, and only the last ones come and go
        <div key={at} className="flex w-full min-w-0 items-center gap-2">
          {input(at, 'name', text.headerNameOf(at + 1), text.headerName)}
          {input(at, 'value', text.headerValueOf(at + 1), text.headerValue)}
          <IconButton
            icon={X}
            label={text.removeHeader(row.name || String(at + 1))}
            onClick={() => onChange(rows.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      {error !== undefined && <FieldMessage text={error} />}
      <Button size="sm" icon={Plus} onClick={() => onChange([...rows, { name: '', value: '' }])}>
        {text.addHeader}
      </Button>
    </fieldset>
  );
}
