import { readFileSync } from 'node:fs';
import { Catalogue } from '@polyrelay/contract';
import { describe, expect, test } from 'vitest';
import { CATALOGUE_FILE } from '#core/paths.js';
import { readCatalogue } from './catalogue.js';

const ENTRY = {
  id: 'lamps',
  name: 'Lamps',
  version: '1.0.0',
  author: 'Somebody',
  language: 'node',
  description: 'Lamps.',
  documentation: 'https://example.org/lamps',
  source: { git: 'https://example.org/lamps.git' },
};

const read = (...entries: unknown[]) => readCatalogue(JSON.stringify({ name: 'Mine', entries }));

test('the catalogue that comes along has no mistakes', () => {
  const text = readFileSync(CATALOGUE_FILE, 'utf8');
  expect(Catalogue.safeParse(JSON.parse(text)).error).toBeUndefined();
  const { entries, problems } = readCatalogue(text);
  expect(problems).toEqual([]);
  expect(entries.length).toBeGreaterThanOrEqual(6);
});

test.each([
  ['no JSON', '{', /^This is no catalogue: it is not JSON/],
  ['nothing', '', /it is not JSON/],
  ['a list', '[]', /It must be an object/],
  ['no entries', '{"name":"x"}', /entries: Write a list/],
  ['no name', '{"entries":[]}', /name: Write the name/],
  ['a page', '<!doctype html>', /it is not JSON/],
  ['very deep', `{"name":"x","entries":${'['.repeat(400_000)}`, /it is not JSON/],
])('%s is refused', (_what, text, why) => expect(() => readCatalogue(text)).toThrow(why));

describe('an entry that cannot be used is left out and named, the others stay:', () => {
  test.each<[string, unknown, string, string | RegExp]>([
    ['no object', 7, 'entries.1', /object/],
    ['no id', { ...ENTRY, id: undefined }, 'entries.1.id', 'Give the entry an id, such as "ecobee"'],
    ['an id with a path', { ...ENTRY, id: '../x' }, 'entries.1.id', /Write 1 to 64 of a–z/],
    ['an id that is there', ENTRY, 'entries.1.id', /“lamps” is the id of an earlier entry/],
    ['another language', { ...ENTRY, id: 'b', language: 'perl' }, 'entries.1.language', /Must be "python3"/],
    [
      'a script as documentation',
      { ...ENTRY, id: 'b', documentation: 'javascript:alert(1)' },
      'entries.1.documentation',
      'Write the https:// address of its documentation',
    ],
    [
      'data as documentation',
      { ...ENTRY, id: 'b', documentation: 'data:text/html,<script>' },
      'entries.1.documentation',
      /address of its documentation/,
    ],
    [
      'a script as console',
      { ...ENTRY, id: 'b', oauth: { console: 'javascript:alert(1)' } },
      'entries.1.oauth.console',
      /developer console/,
    ],
    [
      'ssh',
      { ...ENTRY, id: 'b', source: { git: 'ssh://x/y' } },
      'entries.1.source.git',
      /https:\/\/ address/,
    ],
    [
      'an argument',
      { ...ENTRY, id: 'b', source: { git: '--upload-pack=x' } },
      'entries.1.source.git',
      /https:/,
    ],
    [
      'a branch that is an argument',
      { ...ENTRY, id: 'b', source: { git: 'https://x.org/y', ref: '--x' } },
      'entries.1.source.ref',
      'Write a branch or tag',
    ],
    [
      'a password in the URL',
      { ...ENTRY, id: 'b', source: { git: 'https://me:pw@example.org/y' } },
      'entries.1.source.git',
      /user name or password/,
    ],
    ['a folder', { ...ENTRY, id: 'b', source: { folder: '/etc' } }, 'entries.1.source', /Must be \{"git"/],
    ['a control character', { ...ENTRY, id: 'b', name: 'a\u001b[31m' }, 'entries.1.name', /control/],
    [
      'a long text',
      { ...ENTRY, id: 'b', author: 'x'.repeat(201) },
      'entries.1.author',
      'At most 200 characters',
    ],
    [
      'a prototype',
      JSON.parse('{"__proto__":{"id":"b"},"constructor":1}'),
      'entries.1.id',
      /Give the entry an id/,
    ],
  ])('%s', (_what, wrong, path, message) => {
    const { entries, problems } = read(ENTRY, wrong, { ...ENTRY, id: 'last' });
    expect(entries.map(({ id }) => id)).toEqual(['lamps', 'last']);
    expect(problems).toContainEqual({
      path,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });
});

test('an entry as deep as its file can be is one mistake', () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  const text = `{"name":"Mine","entries":[${JSON.stringify(ENTRY)},{"id":"b","tags":${deep}},${deep}]}`;
  const { entries, problems } = readCatalogue(text);
  expect(entries.map(({ id }) => id)).toEqual(['lamps']);
  expect(problems.map(({ path }) => path)).toEqual(expect.arrayContaining(['entries.1.tags.0', 'entries.2']));
});

test('HTML is text like any other', () => {
  const description = '<img src=x onerror=alert(1)>';
  expect(read({ ...ENTRY, description }).entries[0]?.description).toBe(description);
});

test('unknown keys are dropped, so that a newer catalogue still serves', () => {
  expect(read({ ...ENTRY, price: 10 }).entries).toEqual([ENTRY]);
});

test('a file of rubbish has a bounded list of problems, and only so many entries are read', () => {
  const { problems } = read(...new Array(3000).fill(1));
  expect(problems).toHaveLength(101);
  expect(problems[0]).toEqual({
    path: 'entries',
    message: 'Only the first 2000 entries are read; there are 3000',
  });
  expect(problems.at(-1)?.message).toMatch(/more problems are not listed/);
});
