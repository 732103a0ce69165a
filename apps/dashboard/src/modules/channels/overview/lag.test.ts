import { expect, test } from 'vitest';
import { areInTheWay, lagOf } from './lag';

test('what waits for a reader is what comes from its key on, and is still there', () => {
  const channel = { firstKey: 100, nextKey: 150 };
  expect([0, 120, 150, 999].map((currKey) => lagOf({ currKey }, channel))).toEqual([50, 30, 0, 0]);
});

test('a reader that deletes is in the way of others alone', () => {
  const [deletes, keeps] = [{ deletes: true }, { deletes: false }];
  expect([[deletes], [keeps, keeps], [keeps, deletes]].map(areInTheWay)).toEqual([false, false, true]);
});
