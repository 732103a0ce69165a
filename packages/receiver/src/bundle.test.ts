import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { buildReceiver } from '../build.mjs';

test('one file that imports Node.js’ own modules alone; each kind of handler is in its help', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pr-receiver-'));
  try {
    const file = join(folder, 'receiver.mjs');
    await buildReceiver(file);
    const text = await readFile(file, 'utf8');
    const imported = [...text.matchAll(/(?:^|[;}\s])import(?:[^"'();]*from)?\s*["']([^"']+)["']/g)];
    expect(imported.length).toBeGreaterThan(3);
    expect(imported.map(([, name = '']) => name).filter((name) => !isBuiltin(name))).toEqual([]);
    // Run, not read by a shell: it says by itself what runs it.
    const { stdout } = await promisify(execFile)(file, ['--help']);
    for (const kind of ['stdout', 'http', 'file']) expect(stdout).toContain(`\n  ${kind}: `);
    expect(stdout).toContain('    --max-bytes <…>');
  } finally {
    await rm(folder, { recursive: true });
  }
});
