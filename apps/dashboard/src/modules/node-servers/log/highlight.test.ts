import { expect, test } from 'vitest';
import { highlight } from './highlight';

test('what was searched for is cut out, every time', () => {
  expect(highlight('aXbxc', 'x')).toEqual([
    { text: 'a', isFound: false },
    { text: 'X', isFound: true },
    { text: 'b', isFound: false },
    { text: 'x', isFound: true },
    { text: 'c', isFound: false },
  ]);
  expect(highlight('all', '')).toEqual([{ text: 'all', isFound: false }]);
});
