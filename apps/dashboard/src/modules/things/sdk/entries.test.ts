import { expect, test } from 'vitest';
import { entries } from './entries';

test('a folder is one line with its sum, and says what its main program is', () => {
  const files = [
    { name: 'README.md', bytes: 10, about: 'What to do' },
    { name: 'flashlexiot/__init__.py', bytes: 1, about: 'Part of it' },
    { name: 'flashlexiot/__main__.py', bytes: 2, about: 'The SDK for Python' },
    { name: 'flashlexiot/sdk/__init__.py', bytes: 4, about: 'Part of it' },
  ];
  expect(entries(files)).toEqual([
    { name: 'README.md', bytes: 10, about: 'What to do', count: 1 },
    { name: 'flashlexiot', bytes: 7, about: 'The SDK for Python', count: 3 },
  ]);
});
