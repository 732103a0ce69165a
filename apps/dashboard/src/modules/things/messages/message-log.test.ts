import type { MessageSummary } from '@polyrelay/contract';
import { describe, expect, test } from 'vitest';
import { emptyLog, type LogAction, MAX_KEPT, type MessageLog, reduceLog } from './message-log';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const timeOf = (n: number) => new Date(START + n * 1000).toISOString();

/** The n-th message; ids grow with time, as UUIDs of version 7 do. */
const message = (n: number, more: Partial<MessageSummary> = {}): MessageSummary => ({
  id: `id-${String(n).padStart(6, '0')}`,
  thingId: 'thing',
  type: 'egress',
  at: timeOf(n),
  bytes: 2,
  state: null,
  stateAt: null,
  preview: '{}',
  truncated: false,
  ...more,
});

const run = (...actions: LogAction[]): MessageLog => actions.reduce(reduceLog, emptyLog);
const ids = (messages: readonly MessageSummary[]) => messages.map(({ id }) => Number(id.slice(3)));
const page = (cursor: string | null, ...numbers: number[]): LogAction => ({
  kind: 'page',
  messages: numbers.map((n) => message(n)),
  cursor,
});
const arrived = (isHeld: boolean, ...numbers: number[]): LogAction => ({
  kind: 'arrived',
  messages: numbers.map((n) => message(n)),
  isHeld,
});

describe('pages', () => {
  test('older ones follow, each message once, newest first', () => {
    const log = run(page('next', 5, 4), page(null, 4, 3));
    expect(ids(log.shown)).toEqual([5, 4, 3]);
    expect(log).toMatchObject({ onward: null, isReady: true });
  });

  test('what arrives while the first page is fetched is not shown twice', () => {
    const log = run(arrived(false, 6), page('next', 6, 5));
    expect(ids(log.shown)).toEqual([6, 5]);
    expect(log.onward).toEqual({ cursor: 'next' });
  });

  test('a look back that finds nothing does not go on by itself', () => {
    expect(run(page('next', 5), page('further')).isSparse).toBe(true);
    expect(run(page('next', 5), page('further'), page('last', 1)).isSparse).toBe(false);
    expect(run(page('next', 5), page(null)).isSparse).toBe(false);
  });

  test('messages of one millisecond stand in the order of their ids', () => {
    const at = timeOf(1);
    const log = run({ kind: 'page', messages: [message(1, { at }), message(2, { at })], cursor: null });
    expect(ids(log.shown)).toEqual([2, 1]);
  });
});

describe('new ones', () => {
  test('come to the top while nobody reads, and wait while somebody does', () => {
    const log = run(page(null, 1), arrived(false, 2), arrived(true, 3), arrived(true, 4));
    expect(ids(log.shown)).toEqual([2, 1]);
    expect(ids(log.held)).toEqual([4, 3]);
    const released = reduceLog(log, { kind: 'release' });
    expect(ids(released.shown)).toEqual([4, 3, 2, 1]);
    expect(released.held).toEqual([]);
  });

  test('one that is shown already does not wait again', () => {
    expect(run(page(null, 1), arrived(true, 1)).held).toEqual([]);
  });

  test('the list is cut where it gets too long, and goes on from there', () => {
    const many = Array.from({ length: MAX_KEPT }, (_, n) => n + 2);
    const log = run(page(null, 1), arrived(false, ...many));
    expect(log.shown).toHaveLength(MAX_KEPT);
    expect(ids(log.shown).at(-1)).toBe(2);
    // The last one that is kept is asked for once more: others may be of its millisecond.
    expect(log.onward).toEqual({ to: new Date(START + 2001).toISOString() });
    expect(ids(reduceLog(log, page(null, 2, 1)).shown).slice(-2)).toEqual([2, 1]);
  });
});

describe('states', () => {
  const sent = (state: 'queued' | 'sent' | 'delivered') =>
    message(1, { type: 'ingress', state, stateAt: timeOf(1) });
  const changed = (state: 'sent' | 'delivered'): LogAction => ({
    kind: 'changed',
    changes: [{ id: message(1).id, state, stateAt: timeOf(9) }],
  });

  test('change the row, shown or waiting', () => {
    const shown = run({ kind: 'page', messages: [sent('queued')], cursor: null }, changed('sent'));
    expect(shown.shown[0]).toMatchObject({ state: 'sent', stateAt: timeOf(9) });
    const held = run({ kind: 'arrived', messages: [sent('queued')], isHeld: true }, changed('delivered'));
    expect(held.held[0]?.state).toBe('delivered');
  });

  test('never go back, in whatever order they are heard of', () => {
    const log = run(
      { kind: 'page', messages: [sent('queued')], cursor: null },
      changed('delivered'),
      changed('sent'),
    );
    expect(log.shown[0]?.state).toBe('delivered');
  });

  test('a change that comes before the page that is older than it is not lost', () => {
    const log = run(changed('delivered'), { kind: 'page', messages: [sent('sent')], cursor: null });
    expect(log.shown[0]?.state).toBe('delivered');
  });
});

test('a deletion takes those of its type and time alone', () => {
  const log = run(
    {
      kind: 'page',
      messages: [message(4), message(3, { type: 'ingress', state: 'sent' }), message(2), message(1)],
      cursor: null,
    },
    { kind: 'deleted', range: { type: 'egress', from: timeOf(2), to: timeOf(4) } },
  );
  expect(ids(log.shown)).toEqual([4, 3, 1]);
});
