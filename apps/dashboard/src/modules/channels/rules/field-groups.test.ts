import { expect, test } from 'vitest';
import { fieldChoices, withKept } from './field-groups';

const lines = (seen: string[], kept: string[] = []) =>
  fieldChoices(seen, kept).map(
    ({ name, depth, isSeen }) => `${'-'.repeat(depth)}${name}${isSeen ? '' : ' (not seen)'}`,
  );

test('fields of one first level stand below their group', () => {
  expect(
    lines(['timestamp', 'position.longitude', 'ident', 'battery.level', 'position.latitude', 'alarm']),
  ).toEqual(['alarm', 'battery.level', 'position.*', '-position.latitude', '-position.longitude']);
});

test('what is kept can be unchosen, seen or not', () => {
  expect(lines(['a.b'], ['a.*', 'gone', 'a.b'])).toEqual(['a.*', '-a.b', 'gone (not seen)']);
  expect(lines([], ['x.*'])).toEqual(['x.* (not seen)']);
});

test('a field may have the name of its group', () => {
  expect(lines(['a', 'a.b', 'a.c'])).toEqual(['a', 'a.*', '-a.b', '-a.c']);
});

test('a group takes the place of what is below it', () => {
  expect(withKept(['a.b', 'ab.c', 'd'], 'a.*', true)).toEqual(['ab.c', 'd', 'a.*']);
  expect(withKept(['a.*', 'd'], 'a.*', false)).toEqual(['d']);
  expect(withKept(['d'], 'd', true)).toEqual(['d']);
});
