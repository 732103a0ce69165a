import type { NodeServerSummary } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { arrange, countGroups } from './filter';

const server = (name: string, more: Partial<NodeServerSummary> = {}) =>
  ({
    id: name,
    name,
    state: 'connected',
    controllerName: 'Home',
    version: '1.0',
    language: 'node',
    worker: `w-${name}`,
    slot: 1,
    changedAt: '2026-01-01T00:00:00.000Z',
    ...more,
  }) as NodeServerSummary;

const servers = [
  server('Nest 10', { slot: 3, changedAt: '2026-01-03T00:00:00.000Z' }),
  server('Nest 9', { state: 'crashed', slot: 2 }),
  server('Ecobee', { state: 'installing', slot: 1, changedAt: '2026-01-02T00:00:00.000Z' }),
];
const names = (list: NodeServerSummary[]) => list.map(({ name }) => name);

test('numbers in names count as numbers', () => {
  expect(names(arrange(servers, {}))).toEqual(['Ecobee', 'Nest 9', 'Nest 10']);
});

test('every word of the search has to be found', () => {
  expect(names(arrange(servers, { q: 'nest W-nest 9' }))).toEqual(['Nest 9']);
  expect(names(arrange(servers, { q: 'nest ecobee' }))).toEqual([]);
});

test('state groups filter and count', () => {
  expect(names(arrange(servers, { state: 'busy' }))).toEqual(['Ecobee']);
  expect(countGroups(servers)).toEqual({ connected: 1, busy: 1, silent: 0, crashed: 1, stopped: 0 });
});

test.each([
  ['state', ['Nest 9', 'Ecobee', 'Nest 10']],
  ['slot', ['Ecobee', 'Nest 9', 'Nest 10']],
  ['changed', ['Nest 10', 'Ecobee', 'Nest 9']],
] as const)('sorted by %s', (sort, expected) => {
  expect(names(arrange(servers, { sort }))).toEqual(expected);
});
