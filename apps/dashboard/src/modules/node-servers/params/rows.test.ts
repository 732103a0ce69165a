import { expect, test } from 'vitest';
import { newRow, problemsOf, toParams, toRows } from './rows';

test('parameters come back as they were, whatever their type', () => {
  const params = { user: 'me', empty: '', port: 8080, list: [{ a: null }], on: false, digits: '007' };
  expect(toParams(toRows(params))).toEqual(params);
});

test('an empty row means nothing', () => {
  const rows = [newRow(), newRow('a', '1')];
  expect(problemsOf(rows).size).toBe(0);
  expect(toParams(rows)).toEqual({ a: '1' });
});

test('every problem is found at its row', () => {
  const rows = [
    newRow('a', 'x'),
    newRow(' a ', 'y'),
    newRow('', 'z'),
    newRow('j', '{', true),
    newRow('k'.repeat(201), ''),
  ];
  expect(rows.map(({ id }) => problemsOf(rows).get(id))).toEqual([
    undefined,
    'sameKey',
    'noKey',
    'badJson',
    'longKey',
  ]);
});
