import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { buildPushClient } from '../build.mjs';

test('one file that imports Node.js’ own modules alone, and runs by itself', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pr-push-client-'));
  try {
    const file = join(folder, 'push-client.mjs');
    await buildPushClient(file);
    const text = await readFile(file, 'utf8');
    const imported = [...text.matchAll(/(?:^|[;}\s])import(?:[^"'();]*from)?\s*["']([^"']+)["']/g)];
    expect(imported.length).toBeGreaterThan(3);
    expect(imported.map(([, name = '']) => name).filter((name) => !isBuiltin(name))).toEqual([]);
    const { stdout } = await promisify(execFile)(file, ['--help']);
    // What the published client has, with its names and defaults.
    for (const line of [
      '-t, --topics <A,B>        what to hear of (DeviceCore)',
      '-a, --host <name>',
      '--insecure ',
      '-c, --compression <kind>  none or gzip (gzip)',
      '-f, --format <kind>       json or xml (json)',
      '-b, --batchsize <n>       events of a block (1)',
      '-d, --batchduration <s>   a block waits so long for more events; 0: not at all (60)',
    ])
      expect(stdout).toContain(line);
  } finally {
    await rm(folder, { recursive: true });
  }
});
