import { expect, test } from 'vitest';
import { addArrivals, arrivalsOf, lastMinute } from './arrivals';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const event = (id: number, seconds: number, count: number, channel = 7) => ({
  id: String(id),
  topic: `channels/${channel}/messages`,
  operation: 'INSERTION' as const,
  at: new Date(START + seconds * 1000).toISOString(),
  payload: { firstKey: 0, lastKey: count - 1, count, bytes: 10 },
});
const now = (seconds: number) => START + seconds * 1000;

test('what came in the last minute counts, each event once', () => {
  const first = arrivalsOf([event(3, 59, 5), event(2, 40, 2), event(1, 2, 1, 8)], now(60));
  expect([7, 8, 9].map((id) => lastMinute(first, id, now(60)))).toEqual([7, 1, 0]);
  const more = addArrivals(first, [event(3, 59, 5), event(4, 61, 10)], now(61));
  expect(lastMinute(more, 7, now(61))).toBe(17);
  expect(addArrivals(more, [event(4, 61, 10)], now(61))).toBe(more);
});

test('it passes, and is not kept', () => {
  const first = arrivalsOf([event(1, 0, 5)], now(1));
  expect(lastMinute(first, 7, now(90))).toBe(0);
  expect(Object.keys(addArrivals(first, [event(2, 90, 1, 8)], now(90)).counts)).toEqual(['8']);
});

test('deletions are no messages', () => {
  const deletion = { ...event(1, 0, 5), operation: 'DELETION' as const, payload: { firstKey: 4 } };
  expect(lastMinute(arrivalsOf([deletion], now(1)), 7, now(1))).toBe(0);
});
