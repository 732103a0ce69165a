import { useId } from 'react';
import { FieldMessage } from './field';
import { controlClass } from './input';

interface Props {
  label: string;
  unit: string;
  min: number;
  max: number;
  step: number;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
}

/** A range to slide, with the number beside it to type exactly. */
export function Slider({ label, unit, min, max, step, value, onChange, error }: Props) {
  const id = useId();
  const number = Number(value);
  const shown = Number.isFinite(number) && value.trim() !== '' ? Math.min(max, Math.max(min, number)) : min;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <div className="flex items-center gap-3">
        <input
          id={id}
          type="range"
          min={min}
          max={max}
          step={step}
          value={shown}
          onChange={(event) => onChange(event.target.value)}
          aria-valuetext={`${shown} ${unit}`.trim()}
          className="h-6 min-w-0 flex-1 cursor-pointer"
        />
        <span className="relative w-24 shrink-0">
          <input
            aria-label={unit ? `${label} (${unit})` : label}
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? `${id}-error` : undefined}
            inputMode="decimal"
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={`${controlClass} h-8 pr-8 text-right`}
          />
          <span aria-hidden className="pointer-events-none absolute top-1.5 right-2.5 text-sm text-faint">
            {unit}
          </span>
        </span>
      </div>
      {error && <FieldMessage id={`${id}-error`} text={error} />}
    </div>
  );
}
