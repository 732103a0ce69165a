import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonOf } from './message.js';
import { readPage } from './page.js';

test('an answer as JSON.parse reads it, whatever is in it and in whatever order', () => {
  const message = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(
      fc.array(message),
      fc.jsonValue(),
      fc.constantFrom(0, 2),
      fc.boolean(),
      (result, other, indent, last) => {
        const answer = last ? { other, next_key: 7, result } : { result, other, next_key: 7 };
        const page = readPage(JSON.stringify(answer, undefined, indent));
        expect(page.messages).toEqual(JSON.parse(JSON.stringify(result)));
        expect(page.messages.map((m) => JSON.parse(jsonOf(m)))).toEqual(JSON.parse(JSON.stringify(result)));
        expect(page.nextKey).toBe(7);
      },
    ),
  );
});

test('messages keep their text', () => {
  const text = '{"a":12345678901234567890, "b":1.50,"c":"],}\\"\\\\","d":[{}]}';
  const { messages } = readPage(`{"other":{"result":[1]},"result":[ ${text},{} ],"next_key":2}`);
  expect(messages.map((message) => jsonOf(message).trim())).toEqual([text, '{}']);
});

test.each(['', '<html>', '[]', 'null', '{}', '{"result":{}}', '{"result":[}'])('%j is refused', (text) => {
  expect(() => readPage(text)).toThrow(SyntaxError);
});

test('errors and warnings, as texts or with a reason', () => {
  expect(readPage('{"errors":[{"code":1,"reason":"no"}]}').errors).toEqual(['no']);
  expect(readPage('{"result":[],"warnings":["a",{"reason":"b"},3]}').warnings).toEqual(['a', 'b', '3']);
});
