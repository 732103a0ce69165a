import { expect, test } from 'vitest';
import { fieldsOf } from './fields';

test('each field has its type and its text as it came', () => {
  const json = '{"a":"x","b":-1.50,"c":true,"d":null,"e":{"f":1},"g":[1,2]}';
  expect(fieldsOf(json)).toEqual([
    { name: 'a', type: 'text', text: '"x"' },
    { name: 'b', type: 'number', text: '-1.50' },
    { name: 'c', type: 'boolean', text: 'true' },
    { name: 'd', type: 'null', text: 'null' },
    { name: 'e', type: 'object', text: '{"f":1}' },
    { name: 'g', type: 'list', text: '[1,2]' },
  ]);
});
