import { expect, test } from 'vitest';
import { spanOf, wrongTimes } from './clock.js';

const NOW = Date.parse('2026-11-21T12:00:00Z') / 1000;

test.each([
  [0, '1 second'],
  [1, '1 second'],
  [59.6, '1 minute'],
  [61, '1 minute 1 second'],
  [-3600, '1 hour'],
  [3601, '1 hour'],
  [7260, '2 hours 1 minute'],
  [90_061, '1 day 1 hour'],
  [30 * 86_400, '30 days'],
  [1e300, 'more than 100 years'],
  [Number.POSITIVE_INFINITY, 'more than 100 years'],
  [Number.NaN, 'more than 100 years'],
])('%d seconds are %s', (seconds, words) => {
  expect(spanOf(seconds)).toBe(words);
});

test('a token of a clock that is behind says by how much, and what the time is', () => {
  const made = NOW - 7200;
  expect(wrongTimes({ exp: made + 360, nbf: made - 360 }, NOW)).toBe(
    'This token expired 1 hour 54 minutes ago. If it was made just now, the thing’s clock is 2 hours behind: here it is 2026-11-21T12:00:00Z, and there about 2026-11-21T10:00:00Z. Set it, for example with NTP.'.replaceAll(
      '’',
      "'",
    ),
  );
});

test('a token of a clock that is ahead says so, by its moment of making where it has one', () => {
  const words = wrongTimes({ exp: NOW + 5000, nbf: NOW + 600, iat: NOW + 600 }, NOW);
  expect(words).toContain('not valid for another 10 minutes');
  expect(words).toContain('10 minutes ahead');
});

test('a token that does not say when it was made is not read as a clock', () => {
  const words = wrongTimes({ exp: NOW - 60 }, NOW);
  expect(words).toContain('expired 1 minute ago');
  expect(words).toContain('here it is 2026-11-21T12:00:00Z');
  expect(words).not.toContain('behind');
});

test('times beyond reason are told without a fault', () => {
  for (const exp of [-1e300, 0, Number.NEGATIVE_INFINITY])
    expect(wrongTimes({ exp, nbf: exp }, NOW)).toContain('expired');
  expect(wrongTimes({ exp: 1e300, nbf: 1e299 }, NOW)).toContain('an impossible time');
});
