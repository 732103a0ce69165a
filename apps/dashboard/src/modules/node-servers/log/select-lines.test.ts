import type { LogLevel, LogLine } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { highlight, selectLines } from './select-lines';

const line = (n: number, level: LogLevel, text: string): LogLine => ({
  n,
  level,
  text,
  at: '2026-01-01T00:00:00.000Z',
  stream: 'stdout',
});
const lines = [
  line(1, 'debug', 'poll'),
  line(2, 'info', 'Token saved'),
  line(3, 'warning', 'slow token'),
  line(4, 'error', 'failed'),
];

test.each([
  ['debug', '', [1, 2, 3, 4]],
  ['warning', '', [3, 4]],
  ['debug', ' TOKEN ', [2, 3]],
  ['warning', 'token', [3]],
] as const)('from %s with “%s”', (level, text, expected) => {
  expect(selectLines(lines, level, text).map(({ n }) => n)).toEqual(expected);
});

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
