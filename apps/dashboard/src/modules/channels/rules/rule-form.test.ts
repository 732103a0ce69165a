import { RuleRequest } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import {
  fieldOf,
  isIdle,
  previewMapping,
  type RuleValues,
  requestOf,
  ruleErrors,
  ruleValues,
} from './rule-form';

const THING = '11111111-1111-4111-8111-111111111111';
const values = (more: Partial<RuleValues> = {}): RuleValues => ({ ...ruleValues(), ...more });
const rows = (...pairs: [string, string][]) => pairs.map(([from, to], id) => ({ id, from, to }));

test('a rule comes back from the form as it was', () => {
  const rules = [
    { name: 'all', source: { kind: 'things' as const, things: 'all' as const }, keep: [], rename: {} },
    {
      name: '',
      source: { kind: 'things' as const, things: [THING] },
      keep: ['position.*'],
      rename: { 'a.b': 'c' },
    },
    {
      name: 'values',
      source: { kind: 'nodeServers' as const, nodeServers: [THING], drivers: ['ST', 'GV1'] },
      keep: ['driver.*'],
      rename: {},
    },
  ];
  for (const rule of rules) {
    expect(requestOf(ruleValues(rule))).toEqual(rule);
    expect(ruleErrors(ruleValues(rule))).toEqual({});
    expect(RuleRequest.safeParse(requestOf(ruleValues(rule))).success).toBe(true);
  }
});

test('what is chosen of another kind, and rows nothing is written in, are left out', () => {
  const request = requestOf(
    values({
      kind: 'nodeServers',
      things: { isAll: false, ids: [THING] },
      drivers: ' ST,,GV1  CLITEMP ',
      keep: ['a'],
      rename: rows(['', ' '], [' a ', 'b ']),
    }),
  );
  expect(request).toEqual({
    name: '',
    source: { kind: 'nodeServers', nodeServers: 'all', drivers: ['ST', 'GV1', 'CLITEMP'] },
    keep: [],
    rename: { a: 'b' },
  });
});

test('choosing nothing is named where it is', () => {
  const none = { isAll: false, ids: [] };
  expect(Object.keys(ruleErrors(values({ things: none, keepsAll: false })))).toEqual(['things', 'keep']);
  expect(Object.keys(ruleErrors(values({ kind: 'nodeServers', things: none, nodeServers: none })))).toEqual([
    'nodeServers',
  ]);
});

test.each<[string, [string, string][], string[]]>([
  ['no new name', [['a', '']], ['rename.0.to']],
  ['no old name', [['', 'b']], ['rename.0.from']],
  ['a name that must stay', [['ident', 'b']], ['rename.0.from']],
  [
    'a field twice',
    [
      ['a', 'b'],
      ['a', 'c'],
    ],
    ['rename.0.from', 'rename.1.from'],
  ],
  [
    'a name for two',
    [
      ['a', 'c'],
      ['b', ' c'],
    ],
    ['rename.0.to', 'rename.1.to'],
  ],
  ['a control character', [['a', 'b\u0007']], ['rename.0.to']],
])('%s', (_, pairs, places) => {
  expect(Object.keys(ruleErrors(values({ rename: rows(...pairs) })))).toEqual([...places, 'rename']);
});

test('a field may become the ident', () => {
  expect(ruleErrors(values({ rename: rows(['device.serial', 'ident']) }))).toEqual({});
});

test('renaming what is not kept has no effect', () => {
  const only = values({ keepsAll: false, keep: ['position.*', 'battery'] });
  const idle = (from: string) => isIdle({ id: 0, from, to: 'x' }, only);
  expect(['position.speed', 'battery', 'battery.level', ''].map(idle)).toEqual([false, false, true, false]);
  expect(isIdle({ id: 0, from: 'x', to: 'y' }, values())).toBe(false);
});

test('the preview has what is right so far', () => {
  const rename = rows(['a', 'b'], ['c', ''], ['d', 'e']);
  expect(previewMapping(values({ rename }))).toEqual({ keep: [], rename: { a: 'b', d: 'e' } });
  expect(previewMapping(values({ keepsAll: false })).keep).toEqual(['ident', 'timestamp']);
  expect(previewMapping(values({ keepsAll: false, keep: ['x'] })).keep).toEqual(['x']);
});

test('errors of the service land beside their fields', () => {
  expect(
    ['source.things.3', 'source.drivers.0', 'source', 'keep.2', 'rename.a.b', 'name'].map(fieldOf),
  ).toEqual(['things', 'drivers', 'things', 'keep', 'rename', 'name']);
});
