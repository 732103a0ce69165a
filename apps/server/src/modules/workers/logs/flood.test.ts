import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FloodGuard, type FloodReport } from './flood.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a burst is kept whole; a flood is held to 5,000 lines/s and told once a second, and its end too', () => {
  const told: FloodReport[] = [];
  const guard = new FloodGuard((report) => told.push(report));
  const write = (lines: number, chars = 80): number => {
    let kept = 0;
    for (let i = 0; i < lines; i++) if (guard.admits(chars, Date.now())) kept++;
    return kept;
  };
  expect(write(150_000)).toBe(150_000);
  expect(told).toEqual([]);
  expect(write(100_000)).toBe(50_000);
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([{ lines: 50_000, dropped: 50_000 }]);
  expect(write(20_000)).toBe(5000);
  vi.advanceTimersByTime(1000);
  expect(told.at(-1)).toEqual({ lines: 20_000, dropped: 15_000 });
  expect(write(100)).toBe(100);
  vi.advanceTimersByTime(1000);
  expect(told.at(-1)).toEqual({ lines: 100, dropped: 0 });
  vi.advanceTimersByTime(10_000);
  expect(told).toHaveLength(3);
});

test('long lines count as several', () => {
  const guard = new FloodGuard(() => undefined);
  let kept = 0;
  while (guard.admits(16_384, 1)) kept++;
  expect(kept).toBe(200_000 / 64);
  guard.close();
});
