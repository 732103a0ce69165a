import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigSchedule } from './config-schedule.js';

interface Need {
  at: number;
  urgent: boolean;
}

/** Plays what a link does with a schedule: one timer, moved forward by a more urgent need. @returns times of configs */
function play(needs: Need[]): number[] {
  const schedule = new ConfigSchedule();
  const sent: number[] = [];
  let due = Number.POSITIVE_INFINITY;
  const fire = (until: number): void => {
    if (due > until) return;
    schedule.sent(due);
    sent.push(due);
    due = Number.POSITIVE_INFINITY;
  };
  for (const { at, urgent } of needs) {
    fire(at);
    due = Math.min(due, at + schedule.delay(at, urgent));
  }
  fire(Number.MAX_VALUE);
  return sent;
}

const every = (ms: number, from: number, to: number, urgent = false): Need[] =>
  Array.from({ length: Math.ceil((to - from) / ms) }, (_, i) => ({ at: from + i * ms, urgent }));

/** Most configs in any ten seconds. */
const most = (sent: number[]): number =>
  Math.max(0, ...sent.map((from) => sent.filter((at) => at >= from && at < from + 10_000).length));

const wait = (sent: number[], at: number): number => (sent.find((time) => time >= at) ?? Infinity) - at;

/** A program that runs for minutes: pauses of up to some seconds, bursts, urgent ones among them. */
const needs = fc
  .array(fc.record({ pause: fc.oneof(fc.nat(30), fc.nat(400), fc.nat(6000)), urgent: fc.boolean() }), {
    maxLength: 300,
  })
  .map((steps) => {
    let at = 0;
    return steps.map(({ pause, urgent }): Need => {
      at += pause;
      return { at, urgent };
    });
  });

describe('when a worker gets its record', () => {
  test('the first need is met at once, the next ones share a config 200 ms later', () => {
    expect(play([{ at: 1000, urgent: false }])).toEqual([1000]);
    expect(play([0, 10, 20, 150, 199].map((at) => ({ at, urgent: false })))).toEqual([0, 200]);
  });

  test('an urgent need does not wait for the window', () => {
    expect(
      play([
        { at: 0, urgent: false },
        { at: 20, urgent: false },
        { at: 50, urgent: true },
      ]),
    ).toEqual([0, 50]);
  });

  test('a worker that reports every few seconds never waits longer than 250 ms', () => {
    const calm = Array.from({ length: 100 }, (_, i) => i * 1500 + (i % 7) * 40).map((at) => ({
      at,
      urgent: false,
    }));
    const sent = play(calm);
    for (const { at } of calm) expect(wait(sent, at)).toBeLessThanOrEqual(250);
  });

  test('in a storm of a minute configs come evenly, and urgent ones still at once', () => {
    const storm = every(1, 0, 60_000);
    const sent = play(storm);
    expect(most(sent)).toBeLessThanOrEqual(20);
    for (const { at } of storm) expect(wait(sent, at)).toBeLessThanOrEqual(1000);
    const urgent = [11_111, 23_456, 31_000].map((at) => ({ at, urgent: true }));
    const mixed = play([...storm, ...urgent].sort((a, b) => a.at - b.at));
    for (const { at } of urgent) expect(wait(mixed, at)).toBe(0);
  });

  test('whatever is asked for: never more than 30 in ten seconds, in order, and every need is met', () => {
    fc.assert(
      fc.property(needs, (all) => {
        const sent = play(all);
        expect(most(sent)).toBeLessThan(30);
        expect(sent).toEqual([...sent].sort((a, b) => a - b));
        for (const { at } of all) expect(wait(sent, at)).toBeLessThanOrEqual(10_000);
      }),
      { numRuns: 300 },
    );
  });

  test('only urgent needs, as fast as they can be', () => {
    const sent = play(every(5, 0, 40_000, true));
    expect(most(sent)).toBeLessThan(30);
    expect(sent[0]).toBe(0);
  });
});

test('a worker in Python gets a config within 250 ms of every change, however long the storm', () => {
  const schedule = new ConfigSchedule();
  schedule.limited = false;
  let last = 0;
  for (let now = 0; now < 30_000; ) {
    now += schedule.delay(now, false);
    expect(now - last).toBeLessThanOrEqual(250);
    schedule.sent(now);
    last = now;
    now += 1;
  }
});
