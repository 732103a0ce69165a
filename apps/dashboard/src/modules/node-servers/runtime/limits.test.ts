import { DEFAULT_LIMITS, Limits } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { check } from '../../../lib/form';
import { limitValues, noLimits, toLimits } from './limits';

test('what was left empty is left out', () => {
  expect(toLimits(noLimits)).toEqual({});
  expect(toLimits({ ...noLimits, memoryMb: ' 256 ', cpus: '0,5' })).toEqual({ memoryMb: 256, cpus: 0.5 });
});

test('limits survive being edited', () => {
  expect(toLimits(limitValues(DEFAULT_LIMITS))).toEqual(DEFAULT_LIMITS);
});

test('what is no number is said in words', () => {
  expect(check(Limits, toLimits({ memoryMb: 'much', processes: '1.5', cpus: '0' }))).toEqual({
    memoryMb: 'Write a number',
    processes: 'Write a whole number',
    cpus: 'At least 0.1',
  });
});
