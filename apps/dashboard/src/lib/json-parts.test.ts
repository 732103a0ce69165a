import { expect, test } from 'vitest';
import { jsonParts } from './json-parts';

test('members keep the text they were written as', () => {
  expect(jsonParts('{"a": 1.0, "b":12345678901234567890,"c":{ "d": [1, {"e":","}] } , "":"}"}')).toEqual([
    { name: 'a', text: '1.0' },
    { name: 'b', text: '12345678901234567890' },
    { name: 'c', text: '{ "d": [1, {"e":","}] }' },
    { name: '', text: '"}"' },
  ]);
});

test('items of a list have no name', () => {
  expect(jsonParts('[1, "a\\"b", [], null]')).toEqual(
    ['1', '"a\\"b"', '[]', 'null'].map((text) => ({ name: null, text })),
  );
});

test.each(['{}', '[]', ' [ ] '])('%s has none', (text) => expect(jsonParts(text)).toEqual([]));
