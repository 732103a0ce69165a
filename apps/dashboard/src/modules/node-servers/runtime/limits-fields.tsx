import { DEFAULT_LIMITS } from '@polyrelay/contract';
import { t } from '../../../strings';
import { TextField } from '../../../ui/input';
import { type LimitValues, limitNames } from './limits';

interface Props {
  values: LimitValues;
  onChange: (name: keyof LimitValues, value: string) => void;
  field: (name: keyof LimitValues) => { name: string; error: string | undefined; onBlur: () => void };
}

/** What a worker may use at most. */
export function LimitsFields({ values, onChange, field }: Props) {
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      {limitNames.map((name) => (
        <TextField
          key={name}
          label={t.runtime.limits[name]}
          inputMode={name === 'cpus' ? 'decimal' : 'numeric'}
          placeholder={String(DEFAULT_LIMITS[name])}
          value={values[name]}
          onChange={(value) => onChange(name, value)}
          {...field(name)}
        />
      ))}
    </div>
  );
}
