import { expect, test } from 'vitest';
import { bytes, duration, relativeTime, shorten, stepTime } from './format';

test.each([
  [0, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3661, '1 h 1 min'],
  [86_400 * 3 + 3600 * 4 + 60, '3 d 4 h'],
])('%s seconds are %s', (seconds, expected) => {
  expect(duration(seconds)).toBe(expected);
});

test.each([
  [3, '0.1 s'],
  [4321, '4.3 s'],
  [9960, '10 s'],
  [61_000, '1 min 1 s'],
])('a step of %s ms took %s', (ms, expected) => {
  expect(stepTime(ms)).toBe(expected);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [999_960, '1.0 MB'],
  [84_000_000, '84.0 MB'],
  [256_000_000_000, '256 GB'],
])('%s bytes are %s', (count, expected) => {
  expect(bytes(count)).toBe(expected);
});

test.each([
  [-5, 'just now'],
  [-47, '40 seconds ago'],
  [-90, '1 minute ago'],
  [3 * 3600, 'in 3 hours'],
  [-86_400, 'yesterday'],
])('%s seconds from now is %s', (seconds, expected) => {
  const now = Date.parse('2026-05-05T12:00:00Z');
  expect(relativeTime(now + seconds * 1000, now)).toBe(expected);
});

test('a long id loses its middle, a short one nothing', () => {
  expect(shorten('795a1135-bd60-4442-87b0-32b9b3cd93b8', 12)).toBe('795a1135…93b8');
  expect(shorten('abcdef')).toBe('abcdef');
});
