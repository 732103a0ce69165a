import type { Event } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { type EventLog, emptyLog, MAX_KEPT, reduceLog } from './event-log';

const event = (id: number | bigint): Event => ({
  id: String(id),
  topic: 'controllers/x',
  operation: 'UPDATE',
  group: '',
  at: '2026-01-01T00:00:00.000Z',
  payload: {},
});
const events = (...ids: number[]) => ids.map(event);
const ids = (list: readonly Event[]) => list.map(({ id }) => Number(id));
const started = (...shown: number[]): EventLog =>
  reduceLog(emptyLog, { kind: 'first', events: events(...shown), cursor: '1' });

test('what arrives before the first page is kept, each event once', () => {
  const early = reduceLog(emptyLog, { kind: 'arrived', events: events(4, 5), isHeld: false });
  const log = reduceLog(early, { kind: 'first', events: events(4, 3), cursor: '3' });
  expect(ids(log.shown)).toEqual([5, 4, 3]);
});

test('a held list stays as it is until it is let go', () => {
  const held = reduceLog(started(3, 2), { kind: 'arrived', events: events(4, 5), isHeld: true });
  expect([ids(held.shown), ids(held.held)]).toEqual([
    [3, 2],
    [5, 4],
  ]);
  expect(ids(reduceLog(held, { kind: 'release' }).shown)).toEqual([5, 4, 3, 2]);
});

test('older pages join below', () => {
  const log = reduceLog(started(9, 8), { kind: 'older', events: events(7, 6), cursor: null });
  expect(ids(log.shown)).toEqual([9, 8, 7, 6]);
  expect(log.cursor).toBe(null);
});

test('a long list forgets its end, which can be fetched again', () => {
  const many = Array.from({ length: MAX_KEPT }, (_, index) => event(index + 10));
  const log = reduceLog(started(9, 8), { kind: 'arrived', events: many, isHeld: false });
  expect(log.shown).toHaveLength(MAX_KEPT);
  expect(log.cursor).toBe('10');
});

test('ids beyond the safe integers keep their order', () => {
  const log = reduceLog(emptyLog, {
    kind: 'first',
    events: [event(9007199254740993n), event(9007199254740994n)],
    cursor: null,
  });
  expect(log.shown.map(({ id }) => id)).toEqual(['9007199254740994', '9007199254740993']);
});
