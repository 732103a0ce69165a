import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Backoff } from './backoff.js';
import { Polls } from './polls.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('waiting times double up to a minute and start anew after a stable connection', () => {
  const backoff = new Backoff();
  const waits = Array.from({ length: 8 }, () => backoff.next());
  const expected = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000];
  waits.forEach((wait, index) => {
    expect(wait).toBeLessThanOrEqual(expected[index] ?? 0);
    expect(wait).toBeGreaterThanOrEqual((expected[index] ?? 0) * 0.75);
  });
  backoff.connected();
  vi.advanceTimersByTime(5_000);
  expect(backoff.next()).toBeGreaterThan(40_000);
  backoff.connected();
  vi.advanceTimersByTime(20_000);
  expect(backoff.next()).toBeLessThanOrEqual(1_000);
});

test('polls begin with start, keep their rhythm, and never overlap themselves', async () => {
  const ran: string[] = [];
  let finish: () => void = () => {};
  const polls = new Polls((name) => {
    ran.push(name);
    if (name !== 'longPoll') return undefined;
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
  polls.set({ shortPoll: '2', longPoll: 5 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ran).toEqual([]);

  polls.start();
  await vi.advanceTimersByTimeAsync(1_000);
  polls.set({ shortPoll: 2, longPoll: 'soon' });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ran).toEqual(['shortPoll']);
  await vi.advanceTimersByTimeAsync(8_000);
  expect(ran.filter((name) => name === 'longPoll')).toHaveLength(1);
  finish();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(ran.filter((name) => name === 'longPoll')).toHaveLength(2);

  polls.close();
  const before = ran.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ran).toHaveLength(before);
});
