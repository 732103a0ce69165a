import type { Node } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { applyChanges, nodeMapOf } from './node-map';

const node = (address: string, primary = address, name = address): Node => ({
  address,
  name,
  nodedefId: 'x',
  primary,
  isPrimary: primary === address,
  isController: address === 'controller',
  hint: null,
  timeAdded: '2026-01-01T00:00:00.000Z',
  drivers: { ST: { value: '0', uom: '2', changedAt: '2026-01-01T00:00:00.000Z' } },
});
const at = '2026-01-01T00:01:00.000Z';
const addresses = (map: ReturnType<typeof nodeMapOf>) =>
  map.structure.rows.map(({ address, depth }) => `${'-'.repeat(depth)}${address}`);

test('the controller comes first, children after their parent, numbers in order', () => {
  const map = nodeMapOf([
    node('b2', 'b', 'Lamp 10'),
    node('b1', 'b', 'Lamp 9'),
    node('b'),
    node('a'),
    node('controller'),
    node('lost', 'gone'),
  ]);
  expect(addresses(map)).toEqual(['controller', 'a', 'b', '-b1', '-b2', 'lost']);
});

test('parents in a circle are shown all the same', () => {
  expect(addresses(nodeMapOf([node('a', 'b'), node('b', 'a')])).sort()).toEqual(['-b', 'a']);
});

test('a driver change touches its node alone and keeps the structure', () => {
  const before = nodeMapOf([node('a'), node('b')]);
  const { map, isComplete } = applyChanges(before, [
    { kind: 'driver', address: 'a', driver: 'ST', to: { value: '1', uom: '2', changedAt: at } },
  ]);
  expect(isComplete).toBe(true);
  expect(map.structure).toBe(before.structure);
  expect(map.byAddress.get('b')).toBe(before.byAddress.get('b'));
  expect(map.byAddress.get('a')?.drivers.ST?.value).toBe('1');
  expect(before.byAddress.get('a')?.drivers.ST?.value).toBe('0');
});

test('a new name sorts anew, a removal takes away, an unknown node asks for all', () => {
  const before = nodeMapOf([node('a'), node('b')]);
  expect(
    addresses(applyChanges(before, [{ kind: 'node', address: 'a', name: 'z', nodedefId: undefined }]).map),
  ).toEqual(['b', 'a']);
  expect(addresses(applyChanges(before, [{ kind: 'removed', address: 'a' }]).map)).toEqual(['b']);
  expect(applyChanges(before, [{ kind: 'node', address: 'c', name: 'c', nodedefId: 'x' }]).isComplete).toBe(
    false,
  );
});
