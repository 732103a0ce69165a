import type { DriverScalar, Editor, EditorRange } from '@polyrelay/contract';
import { pickRange } from './range.js';
import { stateLabels } from './states.js';
import { formatDuration, formatUnixTime } from './time.js';
import { unitOf } from './units.js';

/** A value as node servers send it: decimal text or a number, with the number of its unit. */
export interface DriverValue {
  value: DriverScalar;
  uom: DriverScalar;
}

/**
 * A driver or parameter value as people read it: `21.5 °C`, `Off`, `40 %`, `1 h 30 min` (PGC sections 1, 9).
 * A label of the profile wins over the meaning the unit has by itself; what is no number shows as it came.
 */
export function formatValue(editor: Editor | null | undefined, { value, uom }: DriverValue): string {
  const text = String(value).trim();
  const range = pickRange(editor, uom);
  const label = labelOf(range, text);
  if (label !== undefined) return label;
  const number = Number(text);
  if (text === '' || !Number.isFinite(number)) return text;
  const unit = isUnknown(uom) ? range.uom : String(uom).trim();
  if (unit === '151') return formatUnixTime(number) ?? text;
  const symbol = unitOf(unit).symbol;
  return formatDuration(number, symbol) ?? withSymbol(roundText(text, number, range.prec), symbol);
}

/** The label of a value: the profile's, else what the unit says by itself (uom 2, 78 …), else undefined. */
export function labelOf(range: EditorRange, text: string): string | undefined {
  const key = stateKey(text);
  if (Object.hasOwn(range.labels, key)) return range.labels[key];
  const known = stateLabels(range.uom);
  return Object.hasOwn(known, key) ? known[key] : undefined;
}

/** `True` of a Python node server and `1.0` are the state 1. */
function stateKey(text: string): string {
  if (/^true$/i.test(text)) return '1';
  if (/^false$/i.test(text)) return '0';
  const number = Number(text);
  return text !== '' && Number.isSafeInteger(number) ? String(number) : text;
}

const isUnknown = (uom: DriverScalar): boolean => /^0?$/.test(String(uom).trim());

/**
 * Values come as decimal text already, so `prec` is not a scale here, only how many decimals are worth
 * showing. Many profiles leave it out (0) and send decimals all the same: those keep up to three.
 */
function roundText(text: string, number: number, prec: number): string {
  const decimals = /^[+-]?\d*(?:\.(\d*))?$/.exec(text)?.[1]?.length ?? 0;
  const wanted = prec > 0 ? Math.min(prec, 20) : 3;
  if (decimals <= wanted && !/e/i.test(text)) return text;
  const rounded = number.toFixed(wanted).replace(/\.?0+$/, '');
  return rounded === '-0' ? '0' : rounded;
}

function withSymbol(text: string, symbol: string): string {
  if (symbol === '' || symbol === '°') return text + symbol;
  return symbol === '$' ? text.replace(/^-?/, '$&$') : `${text} ${symbol}`;
}
