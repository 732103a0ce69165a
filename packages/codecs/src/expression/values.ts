/** A value of an expression; undefined: there is none, and the whole expression does not match. */
export type Value = number | string | boolean | null | undefined;

/** Longer texts are not built, nor searched: one expression must not hold up everybody else. */
export const MAX_TEXT = 65_536;

/** Zero, false, null and an empty text are false. */
export const isTrue = (value: Value): boolean => value !== 0 && value !== '' && Boolean(value);

/** A finite number, or none. */
export const finite = (value: number): Value => (Number.isFinite(value) ? value : undefined);

/** A number, or a text or boolean that means one. */
export function toNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string' || value.length > 100 || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Whether two values are the same. A number and a text are when the text is the number’s. */
export function areEqual(left: Value, right: Value): boolean {
  if (left === null || right === null || typeof left === typeof right) return left === right;
  if (typeof left === 'string' || typeof right === 'string') return String(left) === String(right);
  return Number(left) === Number(right);
}

/** -1, 0 or 1; undefined where two values cannot be compared. */
export function compare(left: Value, right: Value): number | undefined {
  const texts = typeof left === 'string' && typeof right === 'string';
  const a = texts ? left : toNumber(left);
  const b = texts ? right : toNumber(right);
  if (a === undefined || b === undefined) return undefined;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A field of a message: under its dotted name, or nested. Other than plain values are none. */
export function fieldOf(message: Record<string, unknown>, name: string): Value {
  const value = Object.hasOwn(message, name) ? message[name] : nested(message, name);
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'boolean':
      return value;
    default:
      return value === null ? null : undefined;
  }
}

/** Whether a message has a field, of whatever kind. */
export const hasField = (message: Record<string, unknown>, name: string): boolean =>
  Object.hasOwn(message, name) || nested(message, name) !== undefined;

function nested(message: Record<string, unknown>, name: string): unknown {
  let value: unknown = message;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
