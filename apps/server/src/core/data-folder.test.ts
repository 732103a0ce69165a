import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { beginStaging, commitStaging, finishRestore, stagingFolder } from './data-folder.js';

let dataDir: string;
const at = (...names: string[]): string => join(dataDir, ...names);
const text = (...names: string[]): Promise<string> => readFile(at(...names), 'utf8');

const FILES = ['secret.key', 'pki/ca.key', 'uploads/a.zip', 'postgres/PG_VERSION'];

async function fill(folder: string, word: string): Promise<void> {
  for (const name of FILES) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), word);
  }
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pr-folder-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function prepared(): Promise<void> {
  await fill(await beginStaging(dataDir, 'before'), 'new');
}

async function expectAllNew(): Promise<void> {
  for (const name of FILES) expect(await text(name)).toBe('new');
  expect((await readdir(dataDir)).filter((name) => name.startsWith('.'))).toEqual([]);
}

test('what is prepared counts from its commit on, and what was there is kept aside', async () => {
  await fill(dataDir, 'old');
  await mkdir(at('backups'));
  await prepared();
  expect(await finishRestore(dataDir)).toBeUndefined();
  for (const name of FILES) expect(await text(name)).toBe('old');
  await commitStaging(dataDir);
  expect(await finishRestore(dataDir)).toBe(at('before'));
  await expectAllNew();
  for (const name of FILES) expect(await text('before', name)).toBe('old');
  expect(await readdir(dataDir)).toContain('backups');
});

test('where nothing was, nothing is aside', async () => {
  await prepared();
  await commitStaging(dataDir);
  expect(await finishRestore(dataDir)).toBeUndefined();
  await expectAllNew();
  expect(await readdir(dataDir)).not.toContain('before');
});

test('what an interrupted one prepared is thrown away by the next', async () => {
  await writeFile(join(await beginStaging(dataDir, 'before'), 'secret.key'), 'half');
  await prepared();
  await writeFile(join(stagingFolder(dataDir), 'secret.key'), 'new');
  await commitStaging(dataDir);
  await finishRestore(dataDir);
  await expectAllNew();
});

test.each([
  ['before anything was moved', async () => undefined],
  [
    'after a file was replaced',
    async () => {
      await mkdir(at('before'));
      await rename(at('secret.key'), at('before', 'secret.key'));
      await writeFile(at('secret.key'), 'new');
    },
  ],
  [
    'between a folder’s going and the other’s coming',
    async () => {
      await mkdir(at('before'));
      await rename(at('uploads'), at('before', 'uploads'));
    },
  ],
  [
    'when all but the rest was done',
    async () => {
      await finishRestoreKeeping(['aside']);
    },
  ],
])('an interruption %s is made good at the next start', async (_when, interrupted) => {
  await fill(dataDir, 'old');
  await prepared();
  await commitStaging(dataDir);
  await interrupted();
  await finishRestore(dataDir);
  await expectAllNew();
  for (const name of FILES) expect(await text('before', name)).toBe('old');
});

/** As if it had been killed before its very last step. */
async function finishRestoreKeeping(names: string[]): Promise<void> {
  const kept = await Promise.all(
    names.map(async (name) => [name, await text('.restore-ready', name)] as const),
  );
  await finishRestore(dataDir);
  await mkdir(at('.restore-ready', 'pki'), { recursive: true });
  for (const [name, content] of kept) await writeFile(at('.restore-ready', name), content);
}
