import { expect, test } from 'vitest';
import { addToRate, type LiveRate, timesOf, totals, upTo } from './rate';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
/** Three spans of ten seconds. */
const rate: LiveRate<'ingress' | 'egress'> = {
  from: at(0),
  to: at(30),
  countedTo: at(30),
  stepSeconds: 10,
  counts: { ingress: [0, 0, 1], egress: [5, 0, 2] },
};

test('what came later is counted in spans of its own', () => {
  const grown = addToRate(rate, [
    { type: 'egress', at: at(30) },
    { type: 'egress', at: at(39) },
    { type: 'ingress', at: at(55) },
  ]);
  expect(grown.counts.egress).toEqual([5, 0, 2, 2, 0, 0]);
  expect(grown.counts.ingress).toEqual([0, 0, 1, 0, 0, 1]);
  expect(totals(grown)).toEqual({ egress: 9, ingress: 2 });
});

test('what the service has counted is not counted twice', () => {
  expect(addToRate(rate, [{ type: 'egress', at: at(29) }])).toBe(rate);
});

test('a second batch adds to the span of the first', () => {
  const first = addToRate(rate, [{ type: 'egress', at: at(31) }]);
  expect(addToRate(first, [{ type: 'egress', at: at(32) }]).counts.egress).toEqual([5, 0, 2, 2]);
});

test('a range that ends now moves on while nothing comes', () => {
  const moved = upTo(rate, START + 50_000, 30_000);
  expect(moved.counts.egress).toEqual([2, 0, 0]);
  expect(moved.from).toBe(at(20));
  expect(timesOf(moved)).toEqual([20, 30, 40].map((seconds) => START + seconds * 1000));
});

test('a range with a fixed beginning only grows', () => {
  expect(upTo(rate, START + 41_000, null).counts.egress).toEqual([5, 0, 2, 0, 0]);
  expect(upTo(rate, START + 10_000, null).counts.egress).toEqual(rate.counts.egress);
});

test('an event that tells of many counts as many', () => {
  expect(addToRate(rate, [{ type: 'egress', at: at(31), count: 40 }]).counts.egress).toEqual([5, 0, 2, 40]);
});
