import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeServer } from '@polyrelay/contract';
import { buildWorker } from 'polyrelay-worker/build';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerLocal } from '../../testing/node-servers.js';
import { processesWith, programFolder, removePrograms, TINY_WORKER } from '../../testing/programs.js';
import { startService, type TestService } from '../../testing/service.js';
import { type SourceProcess, startProcess } from '../../testing/source-process.js';
import { untilGone, untilNodeServer } from '../../testing/waiting.js';

/** Says where it is and what is there, then is a worker. A file that it makes belongs into its folder. */
const PROGRAM = `
import { writeFileSync } from 'node:fs';
writeFileSync('made.db', 'by the program');
console.log('version 1 in ' + process.cwd() + ' as ' + process.env.MARK);
${TINY_WORKER}`;

const PYTHON = `
import os, time
print(os.getcwd(), sorted(os.listdir('/app/certs')), oct(os.stat('/app/certs/private.key').st_mode)[-3:], 'STAGE' in os.environ)
time.sleep(60)
`;

const serverJson = (executable: string, type = 'node'): string =>
  JSON.stringify({ name: 'Here', type, executable, shortPoll: '30' });

let bin: string;
let command: string;
let temp: string;
let service: TestService;
beforeAll(async () => {
  bin = await mkdtemp(join(tmpdir(), 'pr-bin-'));
  command = join(bin, 'polyrelay-worker.mjs');
  temp = join(bin, 'tmp');
  // Stands in front of the real one: a machine on which bubblewrap does not work.
  await writeFile(join(bin, 'bwrap'), '#!/bin/sh\nexit 1\n');
  await chmod(join(bin, 'bwrap'), 0o755);
  await mkdir(temp);
  [service] = await Promise.all([startService(), buildWorker(command)]);
});
afterAll(async () => {
  await removePrograms();
  await service.close();
  await rm(bin, { recursive: true, force: true });
});

const isConnected = ({ connected, nodes }: NodeServer): boolean => connected && 'controller' in nodes;

function run(folder: string, args: string[], env: Record<string, string> = {}): SourceProcess {
  return startProcess(process.execPath, [command, ...args], folder, { TMPDIR: temp, ...env });
}

/** Ends it as Ctrl-C does. @returns its code and what it printed */
async function interrupt(worker: SourceProcess): Promise<{ code: number | null; output: string }> {
  worker.child.kill('SIGINT');
  return worker.ended;
}

const send = (id: string, cmd: string) =>
  service.call('POST', `/api/node-servers/${id}/nodes/controller/commands`, { body: { cmd }, status: 202 });

describe.each([
  ['with bubblewrap, where it works', false],
  ['without bubblewrap', true],
])('polyrelay-worker %s', (_name, plain) => {
  const env = (): Record<string, string> => ({
    MARK: 'own environment',
    ...(plain ? { PATH: `${bin}:${process.env.PATH}` } : {}),
  });

  test('runs the node server of its folder, starts it again at a change, and stops at Ctrl-C', async () => {
    const folder = await programFolder({
      'server.json': serverJson('src/main.mjs'),
      'src/main.mjs': PROGRAM,
    });
    const { id, pgUrl } = await registerLocal(service);
    const worker = run(folder, [pgUrl], env());
    await untilNodeServer(service, id, isConnected);
    const [, cwd] = await worker.printed(/version 1 in (\S+) as own environment/);
    expect(cwd).toMatch(plain ? /^\/.*\/polyrelay-worker-\w+\/nodeserver$/ : /^\/app\/nodeserver$/);

    await writeFile(join(folder, 'src/main.mjs'), PROGRAM.replace('version 1', 'version 2'));
    await worker.printed(/\[polyrelay\] src\/main\.mjs changed/);
    await worker.printed(/version 2/);
    await untilNodeServer(service, id, isConnected);

    const { code, output } = await interrupt(worker);
    expect(code, output).toBe(0);
    expect(output).toMatch(/\[polyrelay\] Stopping/);
    await untilNodeServer(service, id, ({ connected }) => !connected);
    expect(await processesWith(folder)).toEqual([]);
    // Certificates and key are gone; what the program wrote into its folder is there.
    expect(await readdir(temp)).toEqual([]);
    expect(await readFile(join(folder, 'made.db'), 'utf8')).toBe('by the program');
    expect((await readdir(folder)).sort()).toEqual(['made.db', 'server.json', 'src']);
  });

  test('one that crashes comes back after a second; one that is stopped elsewhere waits for a change', async () => {
    const folder = await programFolder({ 'server.json': serverJson('main.mjs'), 'main.mjs': PROGRAM });
    const { id, pgUrl } = await registerLocal(service);
    const worker = run(folder, [], { ...env(), PGURL: pgUrl });
    await untilNodeServer(service, id, isConnected);
    await send(id, 'SAVE');
    await send(id, 'CRASH');
    await worker.printed(
      /\[polyrelay\] It ended with code 7\. Starting again in 1 s, or when a file changes/,
    );
    // The record was fetched again.
    await worker.printed(/run 1/);
    await untilNodeServer(service, id, isConnected);
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    await worker.printed(/\[polyrelay\] It ended with code 0\. It starts again when a file changes/);
    await writeFile(join(folder, 'main.mjs'), PROGRAM.replace('version 1', 'version 3'));
    await worker.printed(/version 3/);
    await untilNodeServer(service, id, isConnected);
    expect((await interrupt(worker)).code).toBe(0);
  });

  test('one that does not stop is killed', async () => {
    const stubborn = `process.on('SIGTERM', () => console.log('not stopping'));\n${PROGRAM}`;
    const folder = await programFolder({ 'server.json': serverJson('main.mjs'), 'main.mjs': stubborn });
    const { id, pgUrl } = await registerLocal(service);
    const worker = run(folder, ['--no-watch', pgUrl], env());
    await untilNodeServer(service, id, isConnected);
    const { code, output } = await interrupt(worker);
    expect(code).toBe(0);
    expect(output).toContain('not stopping');
    await untilNodeServer(service, id, ({ connected }) => !connected);
  });
});

test('a Python program finds its certificates in /app/certs, or is told what is missing', async () => {
  const folder = await programFolder({ 'server.json': serverJson('main.py', 'python3'), 'main.py': PYTHON });
  const { pgUrl } = await registerLocal(service);
  const worker = run(folder, [pgUrl]);
  await worker.printed(
    /\/app\/nodeserver \['AmazonRootCA1.pem', 'iot.crt', 'private.key'\] 600 True|\[polyrelay\] bubblewrap \(bwrap\) does not work/,
  );
  await interrupt(worker);

  const without = run(folder, ['--no-watch', pgUrl], { PATH: `${bin}:${process.env.PATH}` });
  await without.printed(/\[polyrelay\] bubblewrap \(bwrap\) does not work here, so there is no \/app/);
  await interrupt(without);
});

test('one whose node server is deleted says so and ends', async () => {
  const folder = await programFolder({ 'server.json': serverJson('main.mjs'), 'main.mjs': PROGRAM });
  const { id, pgUrl } = await registerLocal(service);
  const worker = run(folder, [pgUrl]);
  await untilNodeServer(service, id, isConnected);
  await service.call('DELETE', `/api/node-servers/${id}`, { status: 202 });
  await untilGone(service, id);
  await worker.printed(/It ended with code 0/);
  await interrupt(worker);
  const { code, output } = await run(folder, [pgUrl]).ended;
  expect(code).toBe(1);
  expect(output).toMatch(/\[polyrelay\] This PGURL is not valid: the node server was deleted or added again/);
});
