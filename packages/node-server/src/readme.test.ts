import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'rolldown';
import { afterAll, expect, test } from 'vitest';
import { harness } from './testing/harness.js';

const { prepare, broker } = harness();
const inside = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'readme-'));
afterAll(() => rmSync(folder, { recursive: true }));

const readme = readFileSync(inside('../README.md'), 'utf8');
const example = /```ts\n([\s\S]+?)```/.exec(readme)?.[1] ?? '';

test('the example has some forty lines and passes the compiler', async () => {
  expect(example.trim().split('\n').length).toBeLessThanOrEqual(42);
  writeFileSync(join(folder, 'lamps.ts'), example);
  const compilerOptions = {
    module: 'NodeNext',
    target: 'ES2023',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    noImplicitOverride: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    customConditions: ['source'],
    types: ['node'],
    typeRoots: [inside('../../../node_modules/@types')],
    paths: { '@polyrelay/node-server': [inside('index.ts')] },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['lamps.ts'] }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin/tsc',
  );
  const compiled = promisify(execFile)(process.execPath, [compiler, '-p', folder]);
  await expect(compiled.catch(({ stdout }: { stdout: string }) => stdout)).resolves.toMatchObject({
    stdout: '',
  });
}, 30_000);

test('the example runs when pasted', async () => {
  writeFileSync(join(folder, 'lamps.ts'), example);
  await build({
    input: join(folder, 'lamps.ts'),
    platform: 'node',
    resolve: { alias: { '@polyrelay/node-server': inside('index.ts') } },
    external: ['bufferutil', 'utf-8-validate'],
    output: { file: join(folder, 'lamps.mjs'), format: 'esm', codeSplitting: false },
    logLevel: 'silent',
  });
  const { service } = await prepare({ record: { shortPoll: 1 } });
  const worker = spawn(process.execPath, ['lamps.mjs'], {
    cwd: folder,
    env: { PGURL: service.pgUrl, MQTTPORT: String(broker().port) },
    stdio: 'ignore',
  });
  await service.waitFor('batch', ({ addnode }) => addnode?.length === 3);
  const { auth } = await service.waitFor('notices');
  expect(auth).toContain(`${service.record.worker}">Sign in</a> to link your lamps.`);
  await service.waitFor('batch', ({ status }) => status?.[0]?.driver === 'GV1');
  await service.say({ command: { address: 'hall', cmd: 'DON', value: '40' } });
  await service.waitFor('batch', ({ status }) => status?.some(({ value }) => value === '40') ?? false);
  worker.kill('SIGTERM');
  expect(await once(worker, 'exit')).toEqual([0, null]);
  expect(service.seen('connected')).toEqual([true, false]);
});
