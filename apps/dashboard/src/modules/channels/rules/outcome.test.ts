import { mapMessage } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { fieldsAfter, fieldsBefore } from './outcome';

const before = { temp: 21, ident: 'a', timestamp: 5, 'position.latitude': 1, level: 3, serial: 's1' };

test('each field says what becomes of it', () => {
  const mapping = { keep: ['temp', 'position.*'], rename: { temp: 'temperature', level: 'x', ident: 'y' } };
  expect(fieldsBefore(before, mapping).map(({ name, fate, to }) => [name, fate, to])).toEqual([
    ['temp', 'renamed', 'temperature'],
    ['ident', 'kept', undefined],
    ['timestamp', 'kept', undefined],
    ['position.latitude', 'kept', undefined],
    ['level', 'leftOut', undefined],
    ['serial', 'leftOut', undefined],
  ]);
});

test('it agrees with what the mapping makes', () => {
  for (const mapping of [
    { keep: [], rename: {} },
    { keep: ['temp'], rename: { temp: 'level' } },
    { keep: [], rename: { temp: 'level', serial: 'ident' } },
  ]) {
    const after = mapMessage(before, mapping);
    const names = fieldsBefore(before, mapping)
      .filter(({ fate }) => fate !== 'leftOut')
      .map(({ name, to }) => to ?? name);
    expect(new Set(names)).toEqual(new Set(Object.keys(after)));
  }
});

test('what comes out leads with ident and timestamp', () => {
  const mapping = { keep: ['temp'], rename: { temp: 'temperature' } };
  expect(fieldsAfter(before, mapMessage(before, mapping), mapping)).toEqual([
    { name: 'ident', value: 'a', isRenamed: false },
    { name: 'timestamp', value: 5, isRenamed: false },
    { name: 'temperature', value: 21, isRenamed: true },
  ]);
});
