import { readFile, stat, writeFile } from 'node:fs/promises';
import { parse } from 'acorn';
import { expect, test } from 'vitest';
import { useThing } from './testing/setup.js';

const parts = useThing();

/** Takes away what Node.js 20 brought, so that the file shows here whether it runs on 18. */
const AS_NODE_18 = `
// Node.js' own later code needs it while it is loaded.
for (const name of ['child_process', 'crypto', 'http', 'https', 'readline', 'tls', 'util']) require(name);
for (const name of ['crypto', 'Crypto', 'File', 'WebSocket', 'CustomEvent', 'navigator']) delete globalThis[name];
for (const name of ['toSorted', 'toReversed', 'toSpliced', 'with']) delete Array.prototype[name];
for (const name of ['isWellFormed', 'toWellFormed']) delete String.prototype[name];
delete AbortSignal.any;
delete Promise.withResolvers;
delete Object.groupBy;
delete URL.canParse;
`;

test('one file of modest size that imports Node.js’ own modules alone, in the syntax of Node.js 18', async () => {
  const file = parts.place.path('thing.mjs');
  expect((await stat(file)).size).toBeLessThan(400_000);
  const text = await readFile(file, 'utf8');
  const { body } = parse(text, { ecmaVersion: 2022, sourceType: 'module', allowHashBang: true });
  const imported = body.flatMap((node) =>
    node.type === 'ImportDeclaration' ? [String(node.source.value)] : [],
  );
  expect(imported.length).toBeGreaterThan(3);
  expect(imported.filter((name) => !name.startsWith('node:'))).toEqual([]);
  expect(text).not.toMatch(/import\.meta\.(dirname|filename)/);
});

test('runs without what later versions of Node.js brought', async () => {
  const preload = parts.place.path('as-node-18.cjs');
  await writeFile(preload, AS_NODE_18);
  const node = ['--require', preload];
  const { code, out } = await parts.place.run(['bootstrap'], { node });
  expect(out).toContain('is ready');
  expect(code).toBe(0);
  expect((await parts.place.run(['version'], { node })).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await parts.place.run(['--help'], { node })).out).toContain('node thing.mjs <command>');
});
