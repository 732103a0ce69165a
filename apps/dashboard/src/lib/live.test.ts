import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Live } from './live';
import type { LiveEvent } from './live-batch';

/** Stands for the browser's EventSource; the test plays the service. */
class FakeSource {
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((message: { data: string; lastEventId: string }) => void) | null = null;
  readonly #listeners = new Map<string, () => void>();
  readonly query: URLSearchParams;

  constructor(url: string) {
    this.query = new URL(url, 'http://test').searchParams;
    FakeSource.all.push(this);
  }
  addEventListener(name: string, listener: () => void): void {
    this.#listeners.set(name, listener);
  }
  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  send(id: string, topic: string): void {
    const data = JSON.stringify({ topic, operation: 'UPDATE', at: '', payload: {} });
    this.onmessage?.({ data, lastEventId: id });
  }
  reset(): void {
    this.#listeners.get('reset')?.();
  }
  giveUp(): void {
    this.readyState = FakeSource.CLOSED;
    this.onerror?.();
  }
  breakOff(): void {
    this.readyState = 0;
    this.onerror?.();
  }
}

const newest = () => FakeSource.all.at(-1) as FakeSource;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSource.all = [];
  vi.stubGlobal('EventSource', FakeSource);
  vi.stubGlobal('document', { hidden: false });
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run, 16));
  vi.stubGlobal('fetch', () => Promise.reject(new Error('offline')));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function listen(live: Live, topics: string[]) {
  const got: string[] = [];
  const onReset = vi.fn();
  const stop = live.subscribe({
    topics,
    onEvents: (events: LiveEvent[]) => got.push(...events.map(({ id }) => id)),
    onReset,
  });
  return { got, onReset, stop };
}

test('all subscribers share one connection, events come together once a frame', async () => {
  const live = new Live();
  const a = listen(live, ['a']);
  const b = listen(live, ['b', 'a']);
  await vi.advanceTimersByTimeAsync(0);
  expect(FakeSource.all).toHaveLength(1);
  expect(newest().query.get('topics')).toBe('a,b');
  newest().open();
  newest().send('1', 'a');
  newest().send('2', 'b');
  expect(a.got).toEqual([]);
  await vi.advanceTimersByTimeAsync(16);
  expect([a.got, b.got]).toEqual([
    ['1', '2'],
    ['1', '2'],
  ]);
});

test('another topic opens a second connection before the first one closes; nothing comes twice', async () => {
  const live = new Live();
  const a = listen(live, ['a']);
  await vi.advanceTimersByTimeAsync(0);
  const first = newest();
  first.open();
  a.onReset.mockClear();
  const b = listen(live, ['b']);
  await vi.advanceTimersByTimeAsync(0);
  const second = newest();
  expect(second).not.toBe(first);
  expect(first.readyState).toBe(1);
  second.open();
  expect(first.readyState).toBe(FakeSource.CLOSED);
  first.send('7', 'a');
  second.send('7', 'a');
  await vi.advanceTimersByTimeAsync(16);
  expect(a.got).toEqual(['7']);
  // `a` was covered all the time, `b` may have missed what came before.
  expect(a.onReset).not.toHaveBeenCalled();
  expect(b.onReset).toHaveBeenCalledOnce();
});

test('who fetches waits until its topics are listened to', async () => {
  const live = new Live();
  listen(live, ['a']);
  const done = vi.fn();
  void live.settled().then(done);
  await vi.advanceTimersByTimeAsync(100);
  expect(done).not.toHaveBeenCalled();
  newest().open();
  await vi.advanceTimersByTimeAsync(0);
  expect(done).toHaveBeenCalled();
});

test('waiting for a connection that does not come ends, and all is fetched again when it does', async () => {
  const live = new Live();
  const a = listen(live, ['a']);
  const done = vi.fn();
  void live.settled().then(done);
  await vi.advanceTimersByTimeAsync(1300);
  expect(done).toHaveBeenCalled();
  newest().open();
  expect(a.onReset).toHaveBeenCalledOnce();
});

test('a break is healed by the browser, with a mark meanwhile', async () => {
  const live = new Live();
  const a = listen(live, ['a']);
  await vi.advanceTimersByTimeAsync(0);
  newest().open();
  a.onReset.mockClear();
  newest().breakOff();
  expect(live.getState().status).toBe('lost');
  newest().open();
  expect(live.getState()).toEqual({ status: 'open', lostAt: null });
  expect(FakeSource.all).toHaveLength(1);
  expect(a.onReset).not.toHaveBeenCalled();
});

test('when the browser gives up, a new connection resumes after the last event', async () => {
  const live = new Live();
  const a = listen(live, ['a']);
  await vi.advanceTimersByTimeAsync(0);
  newest().open();
  newest().send('41', 'a');
  await vi.advanceTimersByTimeAsync(16);
  a.onReset.mockClear();
  newest().giveUp();
  await vi.advanceTimersByTimeAsync(1500);
  expect(FakeSource.all).toHaveLength(2);
  expect(newest().query.get('lastEventId')).toBe('41');
  newest().open();
  expect(a.onReset).not.toHaveBeenCalled();
  newest().reset();
  expect(a.onReset).toHaveBeenCalledOnce();
});

test('nobody listening, nothing open', async () => {
  const live = new Live();
  const a = listen(live, ['a']);
  await vi.advanceTimersByTimeAsync(0);
  newest().open();
  a.stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(newest().readyState).toBe(FakeSource.CLOSED);
  expect(live.getState().status).toBe('idle');
});
