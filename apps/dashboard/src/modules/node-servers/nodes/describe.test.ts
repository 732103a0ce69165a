import type { Driver, Editor, Node, NodedefDescription } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { isOn, isSwitchable, matches, readings } from './describe';

const driver = (value: string | number, uom: string): Driver => ({
  value,
  uom,
  changedAt: '2026-01-01T00:00:00.000Z',
});
const editor: Editor = {
  id: 'I_TEMP',
  ranges: [{ uom: '4', min: null, max: null, prec: 1, step: null, subset: null, labels: {} }],
};
const nodedef: NodedefDescription = {
  id: 'THERM',
  name: 'Thermostat',
  icon: null,
  drivers: [{ driver: 'CLITEMP', name: 'Indoor temperature', editor }],
  accepts: [
    { id: 'DON', name: 'On', parameters: [] },
    { id: 'DOF', name: 'Off', parameters: [] },
  ],
  sends: [],
};
const node: Node = {
  address: 't1',
  name: 'Hall',
  nodedefId: 'THERM',
  primary: 't1',
  isPrimary: true,
  isController: false,
  hint: null,
  timeAdded: '2026-01-01T00:00:00.000Z',
  drivers: {
    GV10: driver('x', '0'),
    ST: driver('0', '2'),
    GV2: driver('2', '0'),
    CLITEMP: driver(21.5, '4'),
  },
};

test('a node reads like a device, the profile’s drivers first', () => {
  expect(readings(node, nodedef).map(({ name, text, number }) => [name, text, number])).toEqual([
    ['Indoor temperature', '21.5 °C', 21.5],
    ['Status', 'False', 0],
    [expect.any(String), '2', 2],
    [expect.any(String), 'x', null],
  ]);
});

test('on and off make a toggle', () => {
  expect(isSwitchable(nodedef)).toBe(true);
  expect(isSwitchable(undefined)).toBe(false);
  expect(isOn(node)).toBe(false);
  expect(isOn({ ...node, drivers: {} })).toBe(null);
});

test('a search finds names, addresses and values’ names', () => {
  expect(matches(node, nodedef, ['hall', 'indoor'])).toBe(true);
  expect(matches(node, nodedef, ['t1', 'kitchen'])).toBe(false);
});
