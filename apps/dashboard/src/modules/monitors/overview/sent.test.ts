import { expect, test } from 'vitest';
import { totals } from '../../../lib/rate';
import { addSent, nothingSent } from './sent';

const now = Date.parse('2026-11-22T00:00:00Z');
const told = (id: number, secondsAgo: number, sentEvents: number, monitor = 7) => ({
  id: String(id),
  topic: 'monitors/progress',
  at: new Date(now - secondsAgo * 1000).toISOString(),
  payload: {
    items: [{ id: monitor, lastSent: null, sentEvents, sentBlocks: 1, sentBytes: 1, rate: 0 }],
  },
});

test('what was sent is the difference between two tellings, in the span of the later one', () => {
  const sent = addSent(nothingSent(now), [told(2, 20, 130), told(1, 60, 100)], 7, now);
  expect(totals(sent.rate)).toEqual({ events: 30 });
  expect(sent.rate.counts.events.slice(-2)).toEqual([30, 0]);
  expect(sent.total).toBe(130);
});

test('nothing is counted twice, and no other monitor’s', () => {
  const once = addSent({ ...nothingSent(now), total: 0 }, [told(5, 10, 4), told(6, 9, 900, 8)], 7, now);
  const again = addSent(once, [told(5, 10, 4), told(4, 12, 3)], 7, now);
  expect(totals(again.rate)).toEqual({ events: 4 });
});

test('it moves on with the time', () => {
  const sent = addSent({ ...nothingSent(now), total: 0 }, [told(1, 1, 9)], 7, now);
  const later = addSent(sent, [], 7, now + 14 * 60_000);
  expect(totals(later.rate)).toEqual({ events: 9 });
  expect(totals(addSent(sent, [], 7, now + 16 * 60_000).rate)).toEqual({ events: 0 });
});
