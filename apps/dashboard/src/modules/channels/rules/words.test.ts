import { expect, test } from 'vitest';
import { mappingWords, sourceWords } from './words';

const nameOf = (id: string) => (id === 'gone' ? null : id === 'new' ? undefined : `thing ${id}`);
const things = (...ids: string[]) => sourceWords({ kind: 'things', things: ids }, nameOf);

test('a source in words', () => {
  expect(sourceWords({ kind: 'things', things: 'all' }, nameOf)).toBe('All things');
  expect(things('a')).toBe('thing a');
  expect(things('a', 'b')).toBe('thing a and thing b');
  expect(things('a', 'b', 'c', 'd')).toBe('thing a, thing b and 2 more');
  expect(things('gone', 'new')).toBe('a deleted thing and …');
});

test('drivers are named where not all are taken', () => {
  const source = { kind: 'nodeServers' as const, nodeServers: 'all' as const };
  expect(sourceWords({ ...source, drivers: [] }, nameOf)).toBe('All node servers');
  expect(sourceWords({ ...source, drivers: ['ST', 'GV1'] }, nameOf)).toBe('All node servers, only ST, GV1');
});

test('a mapping in words', () => {
  expect(mappingWords({ keep: [], rename: {} })).toBe('keeps all fields');
  expect(mappingWords({ keep: ['a'], rename: { a: 'b' } })).toBe('keeps 1 field or group, renames 1');
});
