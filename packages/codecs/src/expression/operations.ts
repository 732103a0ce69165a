import type { BinaryOperator } from './parse.js';
import { areEqual, compare, finite, isTrue, MAX_TEXT, toNumber, type Value } from './values.js';

type Operation = (left: Value, right: Value) => Value;

const ofNumbers =
  (run: (left: number, right: number) => number): Operation =>
  (left, right) => {
    const [a, b] = [toNumber(left), toNumber(right)];
    return a === undefined || b === undefined ? undefined : finite(run(a, b));
  };

const ofOrder =
  (fits: (order: number) => boolean): Operation =>
  (left, right) => {
    const order = compare(left, right);
    return order === undefined ? undefined : fits(order);
  };

/** On whole numbers up to 53 bits, which JavaScript’s own operators cut to 32. */
const ofBits =
  (run: (left: bigint, right: bigint) => bigint): Operation =>
  (left, right) => {
    const [a, b] = [toNumber(left), toNumber(right)];
    if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return undefined;
    return Number(run(BigInt(a as number), BigInt(b as number)));
  };

const ofShift = (run: (left: bigint, by: bigint) => bigint): Operation => {
  const shift = ofBits(run);
  return (left, right) => {
    const by = toNumber(right) ?? -1;
    return by >= 0 && by < 64 ? shift(left, right) : undefined;
  };
};

const sum = ofNumbers((left, right) => left + right);

/** What the operators do with two values that are there. */
export const OPERATIONS: Record<BinaryOperator, Operation> = {
  '||': (left, right) => isTrue(left) || isTrue(right),
  '&&': (left, right) => isTrue(left) && isTrue(right),
  '==': areEqual,
  '!=': (left, right) => !areEqual(left, right),
  '~': (left, right) =>
    [left, right].every((value) => String(value).length <= MAX_TEXT)
      ? left !== null && right !== null && String(left).includes(String(right))
      : undefined,
  '<': ofOrder((order) => order < 0),
  '<=': ofOrder((order) => order <= 0),
  '>': ofOrder((order) => order > 0),
  '>=': ofOrder((order) => order >= 0),
  '|': ofBits((left, right) => left | right),
  '^': ofBits((left, right) => left ^ right),
  '&': ofBits((left, right) => left & right),
  '<<': ofShift((left, by) => left << by),
  '>>': ofShift((left, by) => left >> by),
  '+': (left, right) =>
    typeof left === 'string' && typeof right === 'string'
      ? left.length + right.length > MAX_TEXT
        ? undefined
        : left + right
      : sum(left, right),
  '-': ofNumbers((left, right) => left - right),
  '*': ofNumbers((left, right) => left * right),
  '/': ofNumbers((left, right) => left / right),
  '%': ofNumbers((left, right) => left % right),
};
