import { t } from '../../../strings';
import { TextField } from '../../../ui/input';
import { SelectField } from '../../../ui/select';
import { Slider } from '../../../ui/slider';
import { Switch } from '../../../ui/switch';
import type { ParameterControl } from './command-values';

interface Props {
  label: string;
  control: ParameterControl;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

/** One parameter, asked by what fits its range: toggle, select, slider, number or text. */
export function ParameterInput({ label, control: { control, parameter }, value, error, onChange }: Props) {
  const { kind, choices, min, max, step, unit } = control;
  const named = unit ? `${label} (${unit})` : label;
  if (kind === 'toggle') {
    const [off, on] = choices;
    return (
      <Switch
        label={label}
        hint={choices.find((choice) => choice.value === value)?.label}
        checked={value === on?.value}
        onChange={(isOn) => onChange((isOn ? on?.value : off?.value) ?? '')}
      />
    );
  }
  if (kind === 'select')
    return (
      <SelectField
        label={named}
        isOptional={parameter.optional}
        error={error}
        value={value}
        onChange={onChange}
      >
        {parameter.optional && <option value="">{t.nodes.leaveOut}</option>}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </SelectField>
    );
  if (kind === 'slider' && min !== null && max !== null && !parameter.optional)
    return (
      <Slider
        label={label}
        unit={unit}
        min={min}
        max={max}
        step={step}
        value={value}
        onChange={onChange}
        error={error}
      />
    );
  return (
    <TextField
      label={named}
      isOptional={parameter.optional}
      error={error}
      hint={min !== null && max !== null ? t.nodes.range(min, max) : undefined}
      inputMode={kind === 'text' ? undefined : 'decimal'}
      value={value}
      onChange={onChange}
    />
  );
}
