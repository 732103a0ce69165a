import { expect, test } from 'vitest';
import { jsonPlace } from './json-place';

test.each([
  ['a word that is none', 'on', 1, 1],
  ['a word cut short', '{"a": tru}', 1, 7],
  ['a missing colon', '{"a": 1,\n "b" 2}', 2, 6],
  ['a comma too many', '{"a": 1,}', 1, 9],
  ['a comma too many in an array', '[1,\n]', 2, 1],
  ['a missing comma', '[1 2]', 1, 4],
  ['the wrong bracket', '{"a": [1}', 1, 9],
  ['a key without quotes', '{a: 1}', 1, 2],
  ['single quotes', "{'a': 1}", 1, 2],
  ['a string that does not end', '{"a": "b', 1, 7],
  ['a line break in a string', '{"a": "b\nc"}', 1, 7],
  ['a number with a leading zero', '[01]', 1, 3],
  ['something after the end', '{} {}', 1, 4],
  ['the end of what is not finished', '{"a": [1, 2', 1, 12],
])('%s', (_, text, line, column) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(jsonPlace(text)).toEqual({ line, column });
});

test.each([' {"a": [1, -2.5e+3, "x\\u00e4\\n", {}], "b": [], "c": null} ', '"text"', '0'])(
  'of JSON all is right: %j',
  (text) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(jsonPlace(text)).toEqual({ line: 1, column: text.length + 1 });
  },
);
