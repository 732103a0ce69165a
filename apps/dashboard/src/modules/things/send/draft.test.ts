import { MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH, MessageRequest } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { depthOf } from '../../../lib/json-depth';
import { draftOf, emptyDraft, readDraft, requestOf } from './draft';

const text = (text: string) => readDraft({ ...emptyDraft, kind: 'text', text });
const json = (json: string) => readDraft({ ...emptyDraft, kind: 'json', json });

test('a text is ready as soon as there is one, and counted as it is stored', () => {
  expect(text('')).toEqual({ kind: 'empty' });
  expect(text('ä')).toEqual({
    kind: 'ready',
    bytes: '{"message":{"message":"ä"}}'.length + 1,
    request: { text: 'ä' },
  });
});

test('JSON is sent as it is, whatever its kind', () => {
  expect(json(' {"a": [1]}\n')).toEqual({ kind: 'ready', bytes: 9, request: { payload: { a: [1] } } });
  expect(json('null')).toEqual({ kind: 'ready', bytes: 4, request: { payload: null } });
  expect(MessageRequest.safeParse({ payload: null }).success).toBe(true);
});

test.each([
  ['{"a": 1,\n "b" 2}', 2, 6],
  ['{"a": [1, 2', 1, 12],
  ['on', 1, 1],
])('%j is broken at line %i, column %i', (typed, line, column) => {
  expect(json(typed)).toEqual({ kind: 'broken', line, column });
});

test('the largest message fits, one byte more does not', () => {
  const frame = '{"message":{"message":""}}'.length;
  expect(text('x'.repeat(MAX_MESSAGE_BYTES - frame)).kind).toBe('ready');
  expect(text('x'.repeat(MAX_MESSAGE_BYTES - frame + 1)).kind).toBe('tooLarge');
});

test('the deepest message fits, one level more does not', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(json(nested(MAX_MESSAGE_DEPTH)).kind).toBe('ready');
  expect(json(nested(MAX_MESSAGE_DEPTH + 1)).kind).toBe('tooDeep');
});

test('depth counts objects and arrays alike', () => {
  expect([1, {}, [{}], { a: [1], b: { c: [] } }].map(depthOf)).toEqual([0, 1, 2, 3]);
});

test('a text that was sent comes back as text, anything else as JSON', () => {
  const sent = { message: { message: 'hello' } };
  expect(draftOf(sent)).toEqual({ ...emptyDraft, kind: 'text', text: 'hello' });
  expect(requestOf(sent)).toEqual({ text: 'hello' });
  for (const payload of [{ message: 'hello' }, { message: { message: 'a', more: 1 } }, [1], null]) {
    expect(draftOf(payload)).toMatchObject({ kind: 'json', json: JSON.stringify(payload, null, 2) });
    expect(requestOf(payload)).toEqual({ payload });
  }
});
