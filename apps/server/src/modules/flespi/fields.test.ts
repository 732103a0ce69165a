import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pick, pickText, readFields } from './fields.js';

test('what is kept stays as it is written', () => {
  const text = ' { "ident" : "a" ,\n"n":1.50e+02, "big": 12345678901234567890,"o":{"n":[1,"}"]} }';
  const fields = readFields('n,big,o');
  expect(fields && pickText(text, fields)).toBe(
    '{"n":1.50e+02,"big": 12345678901234567890,"o":{"n":[1,"}"]} }',
  );
});

test('any object loses the other fields and nothing else', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
      fc.integer({ min: 0, max: 3 }),
      fc.func(fc.boolean()),
      (object, spaces, wanted) => {
        const text = JSON.stringify(object, null, spaces);
        const picked = JSON.parse(pickText(text, wanted)) as object;
        expect(picked).toEqual(JSON.parse(JSON.stringify(pick(object, wanted))));
      },
    ),
    { numRuns: 500 },
  );
});
