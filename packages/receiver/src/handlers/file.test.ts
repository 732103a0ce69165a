import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileHandler } from './file.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pr-file-'));
  path = join(folder, 'all.ndjson');
});
afterEach(() => rm(folder, { recursive: true }));

/** A handler that has handled messages with these numbers, each a batch. */
async function handled(options: object, ...numbers: number[]): Promise<void> {
  const handler = new FileHandler(FileHandler.options.parse({ path, ...options }));
  try {
    await handler.start();
    for (const n of numbers) await handler.handle([{ ident: 'a', timestamp: 1, n }]);
  } finally {
    await handler.stop();
  }
}

/** Numbers in each file: older ones first, the one that is written last. */
async function numbers(): Promise<number[][]> {
  const names = (await readdir(folder)).sort();
  const inOrder = [
    ...names.filter((name) => name !== 'all.ndjson'),
    ...names.filter((n) => n === 'all.ndjson'),
  ];
  return Promise.all(
    inOrder.map(async (name) => {
      const bytes = await readFile(join(folder, name));
      const lines = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().trimEnd().split('\n');
      return lines.map((line) => (JSON.parse(line) as { n: number }).n);
    }),
  );
}

test('begins a new file beyond the size, and appends to what it finds', async () => {
  await handled({ maxBytes: 60 }, 0, 1, 2);
  await handled({ maxBytes: 60 }, 3, 4);
  expect(await numbers()).toEqual([[0, 1], [2, 3], [4]]);
});

test('begins a new file after the age, keeps so many, and compresses them', async () => {
  await handled({ maxBytes: 1, keep: 2, gzip: true }, 0, 1, 2, 3, 4);
  expect(await numbers()).toEqual([[2], [3], [4]]);
  expect((await readdir(folder)).filter((name) => name.endsWith('.ndjson.gz'))).toHaveLength(2);
});

test('takes the part of a line away that a killed process left', async () => {
  await handled({}, 0, 1);
  await appendFile(path, '{"ident":"a","n":2');
  await handled({}, 2);
  expect(await numbers()).toEqual([[0, 1, 2]]);
  await truncate(path, 5);
  await handled({}, 3);
  expect(await numbers()).toEqual([[3]]);
});

test('finishes the rotation that a killed process began', async () => {
  await writeFile(join(folder, 'all-20260131T120000.000Z.ndjson'), '{"n":0}\n');
  await writeFile(join(folder, 'all-20260131T120000.000Z.ndjson.gz.new'), 'half');
  await writeFile(join(folder, 'all-of-it.ndjson'), '{"n":9}\n');
  await handled({ gzip: true }, 1);
  expect(await readdir(folder)).toEqual(
    expect.arrayContaining(['all-20260131T120000.000Z.ndjson.gz', 'all-of-it.ndjson', 'all.ndjson']),
  );
  expect(await numbers()).toEqual([[0], [9], [1]]);
});

test('a folder in its place fails, and says so', async () => {
  path = folder;
  await expect(handled({}, 1)).rejects.toThrow(/EISDIR|directory/);
});

test('a batch is there whole or not at all', async () => {
  await handled({}, 0);
  const handler = new FileHandler(FileHandler.options.parse({ path }));
  await handler.start();
  const bad = { ident: 'a', timestamp: 1, big: 1n } as const;
  await expect(handler.handle([{ ident: 'a', timestamp: 1, n: 1 }, bad])).rejects.toThrow();
  await handler.stop();
  expect(await numbers()).toEqual([[0]]);
});
