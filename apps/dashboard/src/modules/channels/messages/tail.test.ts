import type { ChannelMessage } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { emptyTail, MAX_KEPT, MAX_KEPT_BYTES, reduceTail, rowsOf, type Tail, type TailAction } from './tail';

const message = (key: number, bytes = 10): ChannelMessage => ({
  key,
  ident: 'a',
  timestamp: key,
  at: '2026-01-01T00:00:00.000Z',
  bytes,
  message: {},
});
const messages = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => message(last - at));
const keys = ({ messages }: Tail) => messages.map(({ key }) => key);
const after = (...actions: TailAction[]) => actions.reduce(reduceTail, emptyTail);
const loaded: TailAction = { kind: 'older', page: { items: messages(10, 12), nextKey: 10 } };

test('it grows at both ends, each message once', () => {
  const tail = after(
    loaded,
    { kind: 'newer', messages: [message(12), message(13)] },
    { kind: 'older', page: { items: messages(8, 10), nextKey: null } },
  );
  expect(keys(tail)).toEqual([13, 12, 11, 10, 9, 8]);
  expect(tail.onward).toBeNull();
});

test('what was passed over is told between its neighbours', () => {
  const tail = after(loaded, { kind: 'skipped', page: { items: messages(98, 99), nextKey: 98 }, from: 13 });
  expect(tail.gaps).toEqual([{ first: 13, last: 97 }]);
  const rows = rowsOf(tail).map((row) => (row.kind === 'gap' ? 'gap' : row.message.key));
  expect(rows).toEqual([99, 98, 'gap', 12, 11, 10]);
  expect(tail.onward).toBe(10);
});

test('a page that reaches back to what is here leaves no gap', () => {
  const tail = after(loaded, { kind: 'skipped', page: { items: messages(11, 20), nextKey: 11 }, from: 13 });
  expect(tail.gaps).toEqual([]);
  expect(keys(tail)).toEqual(messages(10, 20).map(({ key }) => key));
});

test('the oldest go where there are too many, and can be fetched again', () => {
  const tail = after(loaded, { kind: 'newer', messages: messages(13, 13 + MAX_KEPT - 2) });
  expect(tail.messages).toHaveLength(MAX_KEPT);
  expect(tail.onward).toBe(12);
});

test('large messages are bounded by their bytes, but for the newest', () => {
  const huge = message(13, MAX_KEPT_BYTES * 2);
  expect(keys(after(loaded, { kind: 'newer', messages: [huge] }))).toEqual([13]);
  expect(keys(after(loaded, { kind: 'newer', messages: [message(13, MAX_KEPT_BYTES - 15)] }))).toEqual([
    13, 12,
  ]);
});

test('what is deleted goes', () => {
  const tail = after(loaded, { kind: 'deleted', firstKey: 12 });
  expect(keys(tail)).toEqual([12]);
  expect(tail.onward).toBeNull();
});

test('a look that finds nothing, where there is more, is for the reader to go on with', () => {
  const tail = after(loaded, { kind: 'older', page: { items: [], nextKey: 4 } });
  expect([tail.isSparse, tail.onward]).toEqual([true, 4]);
});
