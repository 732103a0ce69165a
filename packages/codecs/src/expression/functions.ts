import { isTrue, toNumber, type Value } from './values.js';

/** A function of expressions on values that are there. */
interface Operation {
  /** How many arguments it takes. */
  arity: number;
  run: (...values: Value[]) => Value;
}

const ofText =
  (change: (text: string) => string) =>
  (value: Value): Value =>
    typeof value === 'string' ? change(value) : undefined;
const ofNumber =
  (change: (number: number) => number) =>
  (value: Value): Value =>
    typeof value === 'number' ? change(value) : undefined;

/** Functions that take values. `exists` and `if` are the compiler’s: they do not look at all of their arguments. */
export const FUNCTIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['isnull', { arity: 1, run: (value) => value === null }],
  ['isnumber', { arity: 1, run: (value) => typeof value === 'number' }],
  ['isstring', { arity: 1, run: (value) => typeof value === 'string' }],
  ['isboolean', { arity: 1, run: (value) => typeof value === 'boolean' }],
  ['tonumber', { arity: 1, run: toNumber }],
  ['tostring', { arity: 1, run: String }],
  ['toboolean', { arity: 1, run: (value) => (value === 'false' ? false : isTrue(value)) }],
  ['lower', { arity: 1, run: ofText((text) => text.toLowerCase()) }],
  ['upper', { arity: 1, run: ofText((text) => text.toUpperCase()) }],
  ['abs', { arity: 1, run: ofNumber(Math.abs) }],
  ['round', { arity: 1, run: ofNumber(Math.round) }],
  ['floor', { arity: 1, run: ofNumber(Math.floor) }],
  ['ceil', { arity: 1, run: ofNumber(Math.ceil) }],
  ['error', { arity: 0, run: () => undefined }],
]);

/** Every function there is. */
export const functionNames: readonly string[] = ['exists', 'if', ...FUNCTIONS.keys()];
