import { PolicyLimits } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { deletesMore, exceeded, fromTexts, toTexts } from './limits';

const none: PolicyLimits = { things: null, collected: null, published: null, retentionDays: null };

test('what is typed is read as people write numbers, empty for none', () => {
  const texts = { things: ' 10 ', collected: '1,000,000', published: '10 000', retentionDays: '' };
  expect(fromTexts(texts)).toEqual({
    things: 10,
    collected: 1_000_000,
    published: 10_000,
    retentionDays: null,
  });
  expect(fromTexts(toTexts({ ...none, things: 0 }))).toEqual({ ...none, things: 0 });
});

test.each(['ten', '1.5', '-1'])('%s is refused', (things) => {
  const result = PolicyLimits.safeParse(fromTexts({ ...toTexts(none), things }));
  expect(result.error?.issues[0]?.path).toEqual(['things']);
});

test.each([
  [null, 7, true],
  [30, 7, true],
  [7, 7, false],
  [7, 30, false],
  [7, null, false],
  [null, null, false],
])('from %s to %s days: more is deleted: %s', (before, after, isMore) => {
  expect(deletesMore({ ...none, retentionDays: before }, { ...none, retentionDays: after })).toBe(isMore);
});

test('a limit that is used up is not exceeded', () => {
  const usage = { things: 3, collected: 10, published: 0 };
  expect(exceeded(usage, { ...none, things: 3, collected: 9, published: 0 })).toEqual(['collected']);
});
