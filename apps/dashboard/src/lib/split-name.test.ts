import { expect, test } from 'vitest';
import { fullName, splitName } from './split-name';

test('the owner’s short id is told from the name', () => {
  expect(splitName('ecd13b11-green-house')).toEqual({ prefix: 'ecd13b11-', label: 'green-house' });
  expect(splitName('greenhouse')).toEqual({ prefix: '', label: 'greenhouse' });
});

test('a name is shown as the service will make it', () => {
  expect(fullName('ecd13b11-7f2c-4b1e-9b0a-000000000000', 'greenhouse')).toBe('ecd13b11-greenhouse');
});
