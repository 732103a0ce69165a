import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KeyedDocument } from './documents.js';
import { Notices } from './notices.js';

let sent: Record<string, unknown>[];
let document: KeyedDocument;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  document = new KeyedDocument(async (whole) => {
    sent.push(whole);
  });
});
afterEach(() => {
  vi.useRealTimers();
});

test('two writes in a row keep both, although an older config comes in between', async () => {
  await document.merge({ a: 1 });
  document.accept({});
  await document.merge({ b: { c: 2, d: [1] } });
  expect(sent.at(-1)).toEqual({ a: 1, b: { c: 2, d: [1] } });
  // Shown with the keys of the inner object turned round: the same.
  document.accept({ a: 1, b: { d: [1], c: 2 } });
  document.accept({ a: 7 });
  expect(document.all).toEqual({ a: 7 });
});

test('what the user changed meanwhile stays', async () => {
  document.accept({ user: 'ann', town: 'Oslo' });
  const stored = document.merge({ user: 'eve' });
  document.accept({ user: 'ann', town: 'Rome' });
  await stored;
  await document.remove('nothing');
  expect(sent.at(-1)).toEqual({ user: 'eve', town: 'Rome' });
});

test('a removed key does not come back with an older config', async () => {
  document.accept({ a: 1, b: 2 });
  await document.remove('a');
  document.accept({ a: 1, b: 2 });
  expect(document.has('a')).toBe(false);
  document.accept({ b: 2 });
  document.accept({ a: 3, b: 2 });
  expect(document.get('a')).toBe(3);
});

test('long after the acknowledgement the config is the truth', async () => {
  await document.merge({ a: 1 });
  vi.advanceTimersByTime(10_000);
  document.accept({ a: 2 });
  expect(document.all).toEqual({ a: 2 });
});

test('save replaces everything, text reads what a user typed', async () => {
  document.accept({ a: 1, b: ' x ', c: '' });
  expect([document.text('a'), document.text('b'), document.text('c'), document.text('d')]).toEqual([
    '1',
    'x',
    undefined,
    undefined,
  ]);
  await document.save({ z: 1 });
  expect(sent).toEqual([{ z: 1 }]);
  await document.clear();
  expect(sent.at(-1)).toEqual({});
  expect(document.get('toString')).toBeUndefined();
});

test('temporary notices go by themselves, and a newer one with the same key stays', async () => {
  const notices = new Notices(document);
  await notices.addTemp('a', 'for a moment', 5);
  await notices.addTemp('b', 'for a moment', 5);
  await notices.add('b', 'for good');
  await notices.add('b', 'for good');
  expect(sent).toHaveLength(3);
  vi.advanceTimersByTime(5_000);
  expect(notices.all).toEqual({ b: 'for good' });
  await notices.clear();
  expect(notices.all).toEqual({});
});
