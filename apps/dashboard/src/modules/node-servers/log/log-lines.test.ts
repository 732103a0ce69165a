import type { LogLine } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { withNewer, withOlder, withoutUpTo } from './log-lines';

const lines = (...numbers: number[]): LogLine[] =>
  numbers.map((n) => ({ n, level: 'info', text: `${n}`, at: '2026-01-01T00:00:00.000Z', stream: 'stdout' }));
const numbers = (all: readonly LogLine[]): number[] => all.map(({ n }) => n);

test('new lines come behind, what a connection repeats is left out', () => {
  expect(numbers(withNewer(lines(1, 2), lines(2, 3, 4), 10))).toEqual([1, 2, 3, 4]);
  const same = lines(1, 2);
  expect(withNewer(same, lines(1, 2), 10)).toBe(same);
});

test('the oldest go when there are too many', () => {
  expect(numbers(withNewer(lines(1, 2, 3), lines(4, 5), 3))).toEqual([3, 4, 5]);
  expect(numbers(withNewer(lines(1), lines(2, 3, 4, 5), 2))).toEqual([4, 5]);
});

test('older lines come in front', () => {
  expect(numbers(withOlder(lines(3, 4), lines(1, 2, 3)))).toEqual([1, 2, 3, 4]);
  expect(numbers(withOlder([], lines(1, 2)))).toEqual([1, 2]);
});

test('what was cleared goes, what came since stays', () => {
  expect(numbers(withoutUpTo(lines(1, 2, 3), 2))).toEqual([3]);
});
