import { expect, test } from 'vitest';
import { exampleOf, readDraft } from './draft';

const problem = (text: string) => {
  const reading = readDraft(text);
  return reading.kind === 'bad' ? reading.message : reading.kind;
};

test('an object or a list of objects can be added', () => {
  const one = '{"ident":"a","timestamp":1.5}';
  expect(readDraft(one)).toEqual({ kind: 'ready', count: 1, bytes: 29 });
  expect(readDraft(`[${one},${one}]`)).toMatchObject({ kind: 'ready', count: 2 });
  expect(readDraft(exampleOf(Date.now())).kind).toBe('ready');
  expect(readDraft(' \n').kind).toBe('empty');
});

test.each([
  ['{\n  "ident": }', /line 2, column 12/],
  ['[]', /empty/],
  ['"a"', /object/],
  ['{"timestamp":1}', /ident/],
  ['{"ident":"a/b","timestamp":1}', /# \+ \//],
  ['{"ident":"a"}', /timestamp/],
  ['[{"ident":"a","timestamp":1},{"ident":"a"}]', /^Message 1 .*timestamp/],
  [`{"ident":"a","timestamp":1,"x":${'['.repeat(64)}${']'.repeat(64)}}`, /64/],
  [`{"ident":"${'a'.repeat(257)}","timestamp":1}`, /256/],
])('%s is told what is wrong', (text, words) => expect(problem(text)).toMatch(words));
