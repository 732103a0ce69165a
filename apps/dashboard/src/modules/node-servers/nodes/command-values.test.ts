import type { CommandDescription, Editor, Node } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { commandOf, controlsOf } from './command-values';

const range = { uom: '51', min: 0, max: 100, prec: 0, step: 1, subset: null, labels: {} };
const editor = (id: string, part: Partial<typeof range> = {}): Editor => ({
  id,
  ranges: [{ ...range, ...part }],
});
const node = { drivers: { ST: { value: '40', uom: '51', changedAt: '' } } } as unknown as Node;
const dim: CommandDescription = {
  id: 'DON',
  name: 'On',
  parameters: [
    { id: '', name: 'Level', editor: editor('level'), init: 'ST', optional: false },
    { id: 'RAMP', name: 'Ramp', editor: editor('ramp', { uom: '57', max: 30 }), init: null, optional: true },
  ],
};

const valuesOf = (typed: Record<string, string>) => {
  const controls = controlsOf(dim, node);
  return commandOf(dim, controls, (control) => typed[control.parameter.id] ?? control.initial);
};

test('the unnamed parameter is the value, filled from its driver', () => {
  expect(valuesOf({})).toEqual({ command: { cmd: 'DON', value: '40', uom: '51' } });
});

test('named parameters carry their unit', () => {
  expect(valuesOf({ '': '80', RAMP: '3' })).toEqual({
    command: { cmd: 'DON', value: '80', uom: '51', params: { 'RAMP.uom57': '3' } },
  });
});

test.each([
  [{ '': '' }, 'missing', ''],
  [{ '': '101' }, 'tooLarge', ''],
  [{ '': '-1' }, 'tooSmall', ''],
  [{ RAMP: 'soon' }, 'notNumber', 'RAMP'],
])('%j is refused', (typed: Record<string, string>, problem, parameter) => {
  expect(valuesOf(typed)).toEqual({ problem, parameter });
});
