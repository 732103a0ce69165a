import { expect, test } from 'vitest';
import { LastWords } from './last-words.js';

const wordsOf = (stderr: string): string | undefined => {
  const words = new LastWords();
  for (const line of stderr.split('\n')) words.add('stderr', line);
  return words.text;
};

test.each([
  [
    'Node.js',
    `/app/nodeserver/m.js:1
const one = JSON.parse('{');
                 ^

SyntaxError: Expected property name or '}' in JSON at position 1
    at JSON.parse (<anonymous>)
    at Module._compile (node:internal/modules/cjs/loader:1521:14) {
  code: 'NOPE'
}

Node.js v20.20.2`,
    "SyntaxError: Expected property name or '}' in JSON at position 1",
  ],
  [
    'Python',
    `Traceback (most recent call last):
  File "/app/nodeserver/m.py", line 17, in <module>
    LOG_HANDLER.set_log_format('')
    ^^^^^^^^^^^
NameError: name 'LOG_HANDLER' is not defined`,
    "NameError: name 'LOG_HANDLER' is not defined",
  ],
  [
    'npm',
    `npm warn old lockfile
npm error code E404
npm error 404 Not Found - GET https://registry.example.org/nothing
npm error 404
npm error 404 tarball, folder, http url, or git url.
npm error A complete log of this run can be found in: /app/home/.npm/_logs/debug-0.log`,
    'npm error 404 Not Found - GET https://registry.example.org/nothing',
  ],
  [
    'pip',
    `ERROR: Could not find a version that satisfies the requirement nothing>=3 (from versions: none)
ERROR: No matching distribution found for nothing>=3

[notice] A new release of pip is available: 23.2 -> 24.0`,
    'ERROR: No matching distribution found for nothing>=3',
  ],
  [
    'a shell',
    '+ make\n./install.sh: line 1: make: command not found',
    './install.sh: line 1: make: command not found',
  ],
  ['nobody', '', undefined],
])('what %s says of its end', (_who, stderr, wanted) => {
  expect(wordsOf(stderr)).toBe(wanted);
});

test('stdout says nothing of it, and long lines are cut', () => {
  const words = new LastWords();
  words.add('stdout', 'Error: all is well');
  expect(words.text).toBeUndefined();
  words.add('stderr', 'x'.repeat(5000));
  expect(words.text).toBe(`${'x'.repeat(200)}…`);
});
