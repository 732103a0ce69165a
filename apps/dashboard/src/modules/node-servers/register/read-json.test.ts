import { expect, test } from 'vitest';
import { readServerJson, suggestedGit, suggestedOAuthUrl } from './read-json';

const words = { notJson: (line: number, column: number) => `${line}:${column}`, missing: 'missing' };
const good = { name: 'Nest', type: 'python3', executable: 'nest.py' };

test('nothing typed is no mistake', () => {
  expect(readServerJson('  \n', words)).toEqual({ kind: 'empty' });
});

test('broken JSON is told with its place', () => {
  const reading = readServerJson('{\n  "name": "Nest",\n  oops\n}', words);
  expect(reading).toEqual({
    kind: 'broken',
    problems: [{ path: '', message: expect.stringMatching(/^3:/) }],
  });
});

test('every problem has its path', () => {
  const reading = readServerJson(
    JSON.stringify({ name: '', type: 'ruby', executable: '../x', shortPoll: 'soon' }),
    words,
  );
  expect(reading.kind === 'wrong' && reading.problems.map(({ path }) => path).sort()).toEqual([
    'executable',
    'name',
    'shortPoll',
    'type',
  ]);
});

test('what is not there is told as missing', () => {
  const reading = readServerJson('{"type": 5}', words);
  expect(reading.kind === 'wrong' && reading.problems).toEqual(
    expect.arrayContaining([
      { path: 'name', message: 'missing' },
      { path: 'executable', message: 'missing' },
      { path: 'type', message: expect.stringContaining('python3') },
    ]),
  );
});

test('a byte order mark does no harm, unknown keys stay', () => {
  const reading = readServerJson(`\uFEFF${JSON.stringify({ ...good, extra: [1] })}`, words);
  expect(reading).toMatchObject({ kind: 'valid', serverJson: { ...good, extra: [1] } });
});

test('the author may name the provider', () => {
  expect(suggestedOAuthUrl({ oauth: { url: 'https://p.example/?state=' } })).toBe(
    'https://p.example/?state=',
  );
  expect(suggestedOAuthUrl({ oauth: true })).toBe('');
  expect(suggestedOAuthUrl(good)).toBe('');
});

test('the author may name the repository', () => {
  expect(suggestedGit({ credits: [{ source: 'https://github.com/me/nest' }] })).toBe(
    'https://github.com/me/nest',
  );
  expect(suggestedGit({ credits: [{ source: 'my own' }] })).toBe('');
  expect(suggestedGit({ credits: {} })).toBe('');
});
