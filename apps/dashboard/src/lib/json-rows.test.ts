import { expect, test } from 'vitest';
import { jsonRows, openDepth } from './json-rows';

const value = { a: 1, b: [true, { c: 'x"y' }], d: {}, e: null };
const written = (value: unknown, isFolded: (path: string, depth: number) => boolean) =>
  jsonRows(value, isFolded).map(
    ({ depth, name, text, hasComma }) =>
      `${' '.repeat(depth * 2)}${name === null ? '' : `${JSON.stringify(name)}: `}${text}${hasComma ? ',' : ''}`,
  );

test('unfolded, the rows are the JSON again', () => {
  const text = written(value, () => false).join('\n');
  expect(JSON.parse(text)).toEqual(value);
  expect(text).toBe(JSON.stringify(value, null, 2));
});

test('what is folded is one row with the number of its entries', () => {
  expect(written(value, (_, depth) => depth >= 1)).toEqual([
    '{',
    '  "a": 1,',
    '  "b": […],',
    '  "d": {},',
    '  "e": null',
    '}',
  ]);
  expect(jsonRows(value, (_, depth) => depth >= 1).find(({ kind }) => kind === 'folded')?.size).toBe(2);
});

test('each row has a path of its own, so that folding one folds no other', () => {
  const paths = jsonRows({ 'a/b': { c: [1] }, a: { b: [1], ']': {} } }, () => false).map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
});

test('a plain value is one row', () => {
  expect(written('text', () => true)).toEqual(['"text"']);
});

test('a small payload begins unfolded, a large one with its outline', () => {
  expect(openDepth(value, 100)).toBe(Number.POSITIVE_INFINITY);
  const large = { head: 1, list: Array.from({ length: 500 }, (_, n) => ({ n, at: [n] })) };
  expect(openDepth(large, 200)).toBe(1);
  expect(openDepth({ a: { list: large.list } }, 200)).toBe(2);
});
