import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Effect,
  initialLifecycle,
  isRunning,
  type Lifecycle,
  type LifecycleEvent,
  transition,
} from './lifecycle.js';

const NOW = 1_000_000_000;
const MINUTE = 60_000;

const life = (change: Partial<Lifecycle>): Lifecycle => ({ ...initialLifecycle, ...change });
const doing = (effects: Effect[]): string => effects.map((effect) => effect.do).join(' ');

describe('what comes next', () => {
  const table: [Lifecycle['state'], LifecycleEvent['type'], Lifecycle['state'], string][] = [
    ['stopped', 'start', 'installing', 'cancelRetry install'],
    ['stopped', 'restart', 'installing', 'cancelRetry install'],
    ['stopped', 'stop', 'stopped', ''],
    ['stopped', 'retryDue', 'stopped', ''],
    ['stopped', 'connected', 'stopped', ''],
    ['installing', 'installed', 'starting', 'spawn'],
    ['installing', 'installFailed', 'crashed', ''],
    ['installing', 'start', 'installing', ''],
    ['installing', 'stop', 'stopping', 'stop'],
    ['installing', 'restart', 'stopping', 'stop'],
    ['starting', 'connected', 'connected', ''],
    ['starting', 'connectTimedOut', 'silent', ''],
    ['starting', 'stop', 'stopping', 'stop'],
    ['starting', 'exited', 'crashed', 'retryIn'],
    ['silent', 'connected', 'connected', ''],
    ['silent', 'exited', 'crashed', 'retryIn'],
    ['connected', 'connectTimedOut', 'connected', ''],
    ['connected', 'start', 'connected', ''],
    ['connected', 'stop', 'stopping', 'stop'],
    ['connected', 'restart', 'stopping', 'stop'],
    ['connected', 'exited', 'crashed', 'retryIn'],
    ['stopping', 'exited', 'stopped', ''],
    ['stopping', 'installFailed', 'stopped', ''],
    ['stopping', 'connected', 'stopping', ''],
    ['stopping', 'stop', 'stopping', ''],
    ['stopping', 'retryDue', 'stopping', ''],
    ['crashed', 'retryDue', 'starting', 'spawn'],
    ['crashed', 'start', 'installing', 'cancelRetry install'],
    ['crashed', 'restart', 'installing', 'cancelRetry install'],
    ['crashed', 'stop', 'stopped', 'cancelRetry'],
    ['crashed', 'connected', 'crashed', ''],
    ['starting', 'restartAsked', 'stopping', 'stop'],
    ['connected', 'restartAsked', 'stopping', 'stop'],
    ['silent', 'restartAsked', 'stopping', 'stop'],
    ['installing', 'restartAsked', 'installing', ''],
    ['stopped', 'restartAsked', 'stopped', ''],
    ['crashed', 'restartAsked', 'crashed', ''],
    ['connected', 'released', 'stopping', 'stop'],
    ['crashed', 'released', 'installing', 'cancelRetry install'],
    ['stopped', 'released', 'stopped', ''],
  ];
  test.each(table)('%s, %s: %s', (state, type, wanted, effects) => {
    const step = transition(life({ state }), { type, reason: 'why' } as LifecycleEvent, NOW);
    expect(step.next.state).toBe(wanted);
    expect(doing(step.effects)).toBe(effects);
  });

  test.each(['start', 'restart'] as const)('a %s while it stops brings it back when it has ended', (type) => {
    const { next } = transition(life({ state: 'stopping' }), { type }, NOW);
    expect(next).toMatchObject({ state: 'stopping', again: true });
    expect(transition(next, { type: 'exited', reason: '' }, NOW).next.state).toBe('installing');
    const stopped = transition(next, { type: 'stop' }, NOW).next;
    expect(transition(stopped, { type: 'exited', reason: '' }, NOW).next.state).toBe('stopped');
  });
});

test.each(['restartAsked', 'released'] as const)('%s does not undo a stop of the user', (type) => {
  const told = transition(life({ state: 'connected' }), { type: 'stop' }, NOW).next;
  const { next, effects } = transition(told, { type, trial: true } as LifecycleEvent, NOW);
  expect(next).toMatchObject({ state: 'stopping', again: false });
  expect(effects).toEqual([]);
  expect(transition(next, { type: 'exited', reason: '' }, NOW).next.state).toBe('stopped');
});

describe('a release on trial', () => {
  const trial = life({ state: 'starting', trial: true });

  test('is kept when it connects', () => {
    const { next, effects } = transition(trial, { type: 'connected' }, NOW);
    expect(next).toMatchObject({ state: 'connected', trial: false });
    expect(doing(effects)).toBe('keepRelease');
  });

  test('is taken back when it ends, and when it does not connect, and the one before is not on trial', () => {
    const ended = transition(trial, { type: 'exited', reason: 'It ended with code 3' }, NOW);
    expect(ended.effects.at(-1)).toEqual({ do: 'rollBack', reason: 'It ended with code 3' });
    const late = transition(trial, { type: 'connectTimedOut' }, NOW);
    expect(doing(late.effects)).toBe('stop');
    const back = transition(late.next, { type: 'exited', reason: '' }, NOW);
    expect(back.effects.at(-1)).toEqual({ do: 'rollBack', reason: 'it did not connect' });
    expect(back.next).toMatchObject({ state: 'installing', trial: false, takenBack: null });
  });

  test('stopped while it is about to be taken back, it is on trial again when it is started', () => {
    const late = transition(trial, { type: 'connectTimedOut' }, NOW).next;
    const told = transition(late, { type: 'stop' }, NOW).next;
    const stopped = transition(told, { type: 'exited', reason: '' }, NOW).next;
    expect(stopped).toMatchObject({ state: 'stopped', trial: true, takenBack: null });
  });
});

test('one that asks to be restarted for ever waits for the user after ten starts', () => {
  let now = NOW;
  let current = transition(life({ state: 'installing' }), { type: 'installed' }, now).next;
  let starts = 1;
  for (let i = 0; i < 50 && current.state === 'starting'; i++) {
    now += 1000;
    for (const event of [
      { type: 'connected' },
      { type: 'restartAsked' },
      { type: 'exited', reason: '' },
    ] as const)
      current = transition(current, event, now).next;
    if (current.state !== 'installing') break;
    current = transition(current, { type: 'installed' }, now).next;
    starts++;
  }
  expect(starts).toBe(10);
  expect(current).toMatchObject({
    state: 'crashed',
    reason: expect.stringContaining('10 times in 10 minutes'),
  });
});

/** Plays a worker that ends `after` ms from each start; `connects`: it is connected meanwhile. */
function crashLoop(rounds: number, after: number, connects: boolean): { delays: number[]; last: Lifecycle } {
  let now = NOW;
  let current = life({ state: 'installing' });
  const delays: number[] = [];
  const dispatch = (event: LifecycleEvent): Effect[] => {
    const step = transition(current, event, now);
    current = step.next;
    return step.effects;
  };
  let event: LifecycleEvent = { type: 'installed' };
  for (let i = 0; i < rounds; i++) {
    dispatch(event);
    if (connects) dispatch({ type: 'connected' });
    now += after;
    const retry = dispatch({ type: 'exited', reason: 'It ended' }).find((effect) => effect.do === 'retryIn');
    if (retry === undefined) break;
    delays.push(retry.ms);
    now += retry.ms;
    event = { type: 'retryDue' };
  }
  return { delays, last: current };
}

describe('crashes', () => {
  test('the delay doubles from 1 s', () => {
    expect(crashLoop(8, 0, false).delays).toEqual([1, 2, 4, 8, 16, 32, 64, 128].map((s) => s * 1000));
  });

  test('and ends at 300 s', () => {
    const { delays } = crashLoop(20, 3 * MINUTE, false);
    expect(Math.max(...delays)).toBe(300_000);
    expect(delays.slice(9).every((ms) => ms === 300_000)).toBe(true);
  });

  test('after ten starts in ten minutes it waits for the user, and says so', () => {
    let now = NOW;
    let current = life({ state: 'installing' });
    const starts = Array.from({ length: 10 }, (_, i) => {
      current = { ...current, state: 'crashed', failures: 0 };
      ({ next: current } = transition(current, { type: 'retryDue' }, now));
      now += 20_000;
      const { next, effects } = transition(current, { type: 'exited', reason: 'It ended with code 1' }, now);
      current = next;
      return [i, doing(effects)];
    });
    expect(starts.at(-2)).toEqual([8, 'retryIn']);
    expect(starts.at(-1)).toEqual([9, '']);
    expect(current).toMatchObject({
      state: 'crashed',
      reason:
        'It ended with code 1. It was started 10 times in 10 minutes; start it again when the cause is fixed.',
    });
    const { next } = transition(current, { type: 'start' }, now);
    expect(next).toMatchObject({ state: 'installing', failures: 0, starts: [] });
  });

  test('a worker that was connected for a while has recovered', () => {
    expect(crashLoop(6, 3 * MINUTE, true).delays).toEqual(Array(6).fill(1000));
    expect(crashLoop(6, MINUTE, true).delays).toEqual([1, 2, 4, 8, 16, 32].map((s) => s * 1000));
  });
});

describe('whatever happens', () => {
  const happening = fc.constantFrom(
    'start',
    'stop',
    'restart',
    'connected',
    'connectTimedOut',
    'exit',
    'exit',
    'exit',
    'installEnds',
    'installEnds',
    'installFails',
    'wait',
    'wait',
    'restartAsked',
    'restartAsked',
    'released',
  );

  /** A world around the state machine as the supervisor makes it: one installation, one process, one timer. */
  class World {
    current = initialLifecycle;
    now = NOW;
    installing = 0;
    processes = 0;
    retry: number | undefined;
    /** Starts since the user last asked for one. */
    starts: number[] = [];
    wanted = false;

    dispatch(event: LifecycleEvent): void {
      const { next, effects } = transition(this.current, event, this.now);
      this.current = next;
      // Taking an update back is part of it.
      if (effects.some((effect) => effect.do === 'rollBack')) this.starts = [];
      for (const effect of effects) this.carryOut(effect);
      expect(this.installing + this.processes, 'two at once').toBeLessThanOrEqual(1);
      if (!isRunning(next)) expect(this.installing + this.processes, 'left running').toBe(0);
    }

    carryOut(effect: Effect): void {
      if (effect.do === 'install' || effect.do === 'rollBack') this.installing++;
      if (effect.do === 'cancelRetry') this.retry = undefined;
      if (effect.do === 'retryIn') {
        expect(effect.ms).toBeGreaterThanOrEqual(1000);
        expect(effect.ms).toBeLessThanOrEqual(300_000);
        expect(this.retry).toBeUndefined();
        this.retry = this.now + effect.ms;
      }
      if (effect.do === 'spawn') {
        this.processes++;
        this.starts = [...this.starts.filter((at) => this.now - at < 10 * MINUTE), this.now];
        expect(this.starts.length, 'starts in ten minutes').toBeLessThanOrEqual(10);
      }
    }

    happen(what: string): void {
      this.now += 100;
      if (what === 'start' || what === 'restart') {
        // The user’s word counts anew.
        this.starts = [];
        this.wanted = true;
        this.dispatch({ type: what });
      } else if (what === 'stop') {
        this.wanted = false;
        this.dispatch({ type: 'stop' });
      } else if (what === 'connected' && this.processes === 1) {
        this.dispatch({ type: 'connected' });
      } else if (what === 'connectTimedOut' || what === 'restartAsked') {
        this.dispatch({ type: what });
      } else if (what === 'released') {
        // An update is the user's word, too, and may be taken back once.
        this.starts = [];
        this.dispatch({ type: 'released', trial: true });
      } else if (what === 'exit' && this.processes === 1) {
        this.processes--;
        this.dispatch({ type: 'exited', reason: 'It ended' });
      } else if (what.startsWith('install') && this.installing === 1) {
        this.installing--;
        if (this.current.state === 'stopping') this.dispatch({ type: 'exited', reason: '' });
        else if (what === 'installEnds') this.dispatch({ type: 'installed' });
        else this.dispatch({ type: 'installFailed', reason: 'no' });
      } else if (what === 'wait') {
        this.wait();
      }
    }

    wait(): void {
      if (this.retry === undefined) {
        this.now += MINUTE;
        return;
      }
      this.now = Math.max(this.now, this.retry);
      this.retry = undefined;
      this.dispatch({ type: 'retryDue' });
    }

    /** Lets what is under way end. */
    settle(): void {
      for (let i = 0; i < 4; i++) {
        if (this.current.state === 'stopping') this.happen(this.processes > 0 ? 'exit' : 'installEnds');
        if (this.installing > 0) this.happen('installEnds');
      }
    }
  }

  test('there are never two processes, and at most ten starts in ten minutes that nobody asked for', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 120 }), (all) => {
        const world = new World();
        for (const what of all) world.happen(what);
        // In the end it is what the user said last.
        world.settle();
        if (!world.wanted) expect(world.current.state).toBe('stopped');
        else expect(world.current.state).not.toBe('stopped');
      }),
      { numRuns: 500 },
    );
  });
});
