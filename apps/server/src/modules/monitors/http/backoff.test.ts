import { expect, test } from 'vitest';
import { PACE, pauseAfter, retryAfterMs } from './backoff.js';

test('pauses double from one second to five minutes, half of each by chance', () => {
  const longest = [1, 2, 3, 9, 10, 5000].map((failures) => pauseAfter(failures, PACE, 0, 1));
  expect(longest).toEqual([1000, 2000, 4000, 256_000, 300_000, 300_000]);
  expect(pauseAfter(3, PACE, 0, 0)).toBe(2000);
});

test('a server may ask for a longer pause, up to an hour, and not for a shorter one', () => {
  expect(pauseAfter(1, PACE, 60_000, 0)).toBe(60_000);
  expect(pauseAfter(10, PACE, 1000, 1)).toBe(300_000);
  expect(pauseAfter(1, PACE, 1e12, 0)).toBe(3_600_000);
});

test.each([
  [undefined, 0],
  ['3', 3000],
  ['-3', 0],
  ['Thu, 01 Jan 1970 00:00:30 GMT', 20_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', 0],
])('Retry-After %j', (header, ms) => {
  expect(retryAfterMs(header, 10_000)).toBe(ms);
});
