import { duration } from '../../../lib/format';
import { t } from '../../../strings';
import { TextField } from '../../../ui/input';
import { SelectField } from '../../../ui/select';
import { presets, secondsOf, type TtlValues } from './ttl';

interface FieldState {
  name: string;
  error: string | undefined;
  onBlur: () => void;
}

interface Props {
  values: TtlValues;
  set: <K extends keyof TtlValues>(name: K, value: string) => void;
  field: (name: keyof TtlValues) => FieldState;
}

/** For how long messages are kept: a usual time, or one's own number of seconds. */
export function TtlField({ values, set, field }: Props) {
  const seconds = secondsOf(values);
  const choose = (ttl: string) => {
    // One's own number begins with what was chosen before.
    if (ttl === 'own' && values.ttl !== 'own') set('seconds', values.ttl);
    set('ttl', ttl);
  };
  return (
    <>
      <SelectField
        label={t.channels.ttl}
        hint={t.channels.ttlHint}
        value={values.ttl}
        onChange={choose}
        {...field('ttl')}
      >
        {presets.map((preset) => (
          <option key={preset} value={preset}>
            {t.channels.ttlPresets[preset]}
          </option>
        ))}
        <option value="own">{t.channels.ttlPresets.own}</option>
      </SelectField>
      {values.ttl === 'own' && (
        <TextField
          label={t.channels.seconds}
          hint={Number.isNaN(seconds) ? undefined : seconds === 0 ? t.channels.ttlZero : duration(seconds)}
          inputMode="numeric"
          autoComplete="off"
          value={values.seconds}
          onChange={(value) => set('seconds', value)}
          {...field('seconds')}
        />
      )}
    </>
  );
}
