import type { CommandParameter, EditorRange } from '@polyrelay/contract';
import { pickRange } from './range.js';
import { isStateUnit, stateLabels } from './states.js';
import { unitOf } from './units.js';
import { formatValue, labelOf } from './value.js';

/** One value to choose, ready to be sent, with what to call it. */
export interface Choice {
  value: string;
  label: string;
}

/** How a form asks for one command parameter. */
export interface Control {
  kind: 'toggle' | 'select' | 'slider' | 'number' | 'text';
  min: number | null;
  max: number | null;
  step: number;
  /** In the order to show; two for a toggle (off, on), empty unless kind is toggle or select. */
  choices: Choice[];
  /** Unit to send with the value. */
  uom: string;
  /** Its symbol, empty for states and bare numbers. */
  unit: string;
}

/** A list longer than this is typed or slid, not picked. */
const MAX_CHOICES = 256;
/** A slider with more stops than this cannot be set exactly. */
const MAX_SLIDER_STOPS = 500;
const textUnits = new Set(['145', '147', '150']);

/**
 * The form control for a command parameter (PGC section 9). Give `uom` to use the editor's range of that
 * unit, for instance the unit of the driver in `init`; else its first range decides.
 */
export function controlOf(parameter: CommandParameter, uom?: string | number): Control {
  const range = pickRange(parameter.editor, uom);
  const choices = choicesOf(range);
  const step = range.step !== null && range.step > 0 ? range.step : Number(`1e-${range.prec}`);
  const { min, max } = limitsOf(range);
  const base = { min, max, step, choices, uom: range.uom, unit: unitOf(range.uom).symbol };
  if (choices.length > 0) return { ...base, kind: isOffOn(choices) ? 'toggle' : 'select' };
  const nothingKnown = parameter.editor.ranges.length === 0 && uom === undefined;
  if (nothingKnown || textUnits.has(range.uom)) return { ...base, kind: 'text' };
  return { ...base, kind: isSlider(min, max, step) ? 'slider' : 'number' };
}

/** The values to choose from, none for a quantity. */
function choicesOf(range: EditorRange): Choice[] {
  const values = listed(range);
  if (values.length > MAX_CHOICES) return [];
  const described = { id: '', ranges: [range] };
  return values.map((value) => ({
    value: String(value),
    label: labelOf(range, String(value)) ?? formatValue(described, { value, uom: range.uom }),
  }));
}

function listed(range: EditorRange): readonly number[] {
  const { subset, min, max, labels } = range;
  const isState = isStateUnit(range.uom);
  if (subset !== null) return isState || Object.keys(labels).length > 0 || !isRun(subset) ? subset : [];
  // Labels of a quantity name special values (0 % is "Off"), they do not forbid the others.
  if (!isState) return [];
  const inRange = (value: number) => (min === null || value >= min) && (max === null || value <= max);
  const names = Object.keys(labels).length > 0 ? labels : settable(stateLabels(range.uom));
  const named = Object.keys(names)
    .map(Number)
    .filter(inRange)
    .sort((a, b) => a - b);
  if (named.length > 0 || min === null || max === null || max - min >= MAX_CHOICES) return named;
  return Array.from({ length: Math.floor(max - min) + 1 }, (_, index) => min + index);
}

/** Units know states that are only ever reported. */
const settable = (states: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(states).filter(([, label]) => label !== 'Unknown'));

/** `0-100` written as a subset is a quantity all the same; a handful of numbers is a choice. */
function isRun(subset: readonly number[]): boolean {
  return subset.length > 12 && subset.every((value, index) => value === (subset[0] ?? 0) + index);
}

function limitsOf({ subset, min, max }: EditorRange): { min: number | null; max: number | null } {
  return subset === null ? { min, max } : { min: subset[0] ?? min, max: subset.at(-1) ?? max };
}

function isOffOn(choices: readonly Choice[]): boolean {
  const [off, on] = choices;
  return choices.length === 2 && off?.value === '0' && (on?.value === '1' || on?.value === '100');
}

function isSlider(min: number | null, max: number | null, step: number): boolean {
  return min !== null && max !== null && max > min && (max - min) / step <= MAX_SLIDER_STOPS;
}
