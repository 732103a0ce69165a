import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLine, NodeServer, Problem } from '@polyrelay/contract';
import { fetchWorkerStart } from '@polyrelay/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nextEvent } from '../../testing/node-servers.js';
import {
  processesWith,
  programFolder,
  registerProgram,
  removePrograms,
  TINY_WORKER,
} from '../../testing/programs.js';
import { lastingPlace, startService, type TestService } from '../../testing/service.js';
import { followLog, logLine, untilGone, untilNodeServer } from '../../testing/waiting.js';

const CANARY = 'canary-of-the-service-environment';

/** Prints all that a program can see, in one line, and stays. Its files as hashes, because a log hides secrets. */
const DUMP = `
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
const hash = (name) => createHash('sha256').update(readFileSync('../certs/' + name)).digest('hex');
const { NODESERVER, ...env } = process.env;
const { worker, profileNum, customParams: { dataDir } } = JSON.parse(NODESERVER);
console.log('DUMP ' + JSON.stringify({
  cwd: process.cwd(), env, worker, profileNum, app: readdirSync('..'), here: readdirSync('.'),
  certs: Object.fromEntries(readdirSync('../certs').map((name) => [name, hash(name)])),
  keyMode: statSync('../certs/private.key').mode & 0o777,
  dataDir: existsSync(dataDir) ? readdirSync(dataDir) : [],
}));
setInterval(() => {}, 60_000);
`;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Dump {
  cwd: string;
  env: Record<string, string>;
  worker: string;
  profileNum: string;
  certs: Record<string, string>;
  app: string[];
  here: string[];
  keyMode: number;
  dataDir: string[];
}

let bin: string;
const path = process.env.PATH;
beforeAll(async () => {
  process.env.CANARY = CANARY;
  bin = await mkdtemp(join(tmpdir(), 'pr-bin-'));
  // Stands in front of the real one: a machine on which bubblewrap does not work.
  await writeFile(join(bin, 'bwrap'), '#!/bin/sh\nexit 1\n');
  await chmod(join(bin, 'bwrap'), 0o755);
});
afterAll(() => {
  delete process.env.CANARY;
  return rm(bin, { recursive: true, force: true });
});

const isConnected = ({ state }: NodeServer): boolean => state === 'connected';
const isStopped = ({ state }: NodeServer): boolean => state === 'stopped';

describe.each([
  ['in the sandbox, where it works', undefined, false],
  ['as a process with a private /app, where that works', 'process', false],
  ['as a process without bubblewrap', 'process', true],
])('a worker %s', (mode, runtime, plain) => {
  let service: TestService;
  beforeAll(async () => {
    process.env.PATH = plain ? `${bin}:${path}` : path;
    service = await startService();
  });
  afterAll(async () => {
    await removePrograms();
    await service.close();
    process.env.PATH = path;
  });

  const act = (id: string, action: 'start' | 'stop' | 'restart') =>
    service.call('POST', `/api/node-servers/${id}/${action}`, { status: 202 });
  const command = (id: string, cmd: string, value?: string) =>
    service.call('POST', `/api/node-servers/${id}/nodes/controller/commands`, {
      body: { cmd, value },
      status: 202,
    });
  const running = async (extra: Record<string, unknown> = {}): Promise<NodeServer> => {
    const { id } = await registerProgram(service, { 'main.mjs': TINY_WORKER }, { runtime, ...extra });
    return untilNodeServer(service, id, (now) => isConnected(now) && 'controller' in now.nodes);
  };

  test('sees its files and its environment, and nothing of the service’s', async () => {
    const { id, pgUrl, worker } = await registerProgram(
      service,
      { 'main.mjs': DUMP, 'lib/a.txt': 'a' },
      { runtime, customParams: { dataDir: service.dataDir } },
    );
    const { text } = await logLine(service, id, /^DUMP /);
    const dump = JSON.parse(text.slice(5)) as Dump;
    const start = await fetchWorkerStart(pgUrl);
    expect(dump.app).toEqual(expect.arrayContaining(['certs', 'logs', 'nodeserver']));
    expect(dump.here.sort()).toEqual(['lib', 'main.mjs']);
    expect(dump.certs).toEqual({
      'AmazonRootCA1.pem': hashOf(start.caCert),
      'iot.crt': hashOf(start.iotCert),
      'private.key': hashOf(start.iotPrivateKey),
    });
    expect(dump.keyMode).toBe(0o600);
    // PWD is bubblewrap's own.
    expect(
      Object.keys(dump.env)
        .filter((name) => name !== 'PWD')
        .sort(),
    ).toEqual(['HOME', 'LANG', 'MQTTENDPOINT', 'MQTTPORT', 'PATH', 'PYTHONUNBUFFERED', 'STAGE'].sort());
    expect(dump.env).toMatchObject({
      STAGE: 'prod',
      MQTTENDPOINT: 'localhost',
      MQTTPORT: String(service.mqttPort),
    });
    expect(dump).toMatchObject({ worker, profileNum: start.nodeServer.profileNum });
    expect(text).not.toContain(CANARY);
    if (dump.cwd === '/app/nodeserver') expect(dump.dataDir).toEqual([]);
    else expect(dump.cwd).toBe(join(service.dataDir, 'workers', id, 'releases', '1', 'nodeserver'));
    await service.call('DELETE', `/api/node-servers/${id}`, { status: 202 });
    await untilGone(service, id);
  });

  test('starts, stops, starts again while it stops, and keeps its custom data', async () => {
    const { id } = await running();
    await command(id, 'SAVE');
    await untilNodeServer(service, id, ({ connected }) => connected);
    await act(id, 'stop');
    await act(id, 'start');
    await logLine(service, id, /^run 1$/);
    await untilNodeServer(service, id, isConnected);
    await act(id, 'restart');
    await untilNodeServer(service, id, ({ state }) => state === 'stopping' || state === 'starting');
    await untilNodeServer(service, id, isConnected);
    await act(id, 'stop');
    const stopped = await untilNodeServer(service, id, isStopped);
    expect(stopped).toMatchObject({ connected: false, stateReason: '' });
    expect((await logLine(service, id, /^It ended with code 0/)).stream).toBe('service');
  });

  test('one that ignores the stop is killed with its children', async () => {
    const child = `polyrelay-child-${mode.length}-${process.pid}`;
    const { id } = await running({ customParams: { stubborn: true, child } });
    expect((await processesWith(child)).length).toBeGreaterThan(0);
    await act(id, 'stop');
    await logLine(service, id, /^not stopping$/);
    await untilNodeServer(service, id, isStopped);
    expect((await logLine(service, id, /did not stop within 2 seconds/)).level).toBe('warning');
    expect(await processesWith(child)).toEqual([]);
  });

  test('one that crashes says why, waits a second, and comes back', async () => {
    const child = `polyrelay-orphan-${mode.length}-${process.pid}`;
    const { id } = await running({ customParams: { child } });
    await command(id, 'CRASH');
    const crashed = await untilNodeServer(service, id, ({ state }) => state === 'crashed');
    expect(crashed.stateReason).toBe('It ended with code 7. Starting again in 1 s.');
    // The child it left behind did not keep it alive.
    expect(await processesWith(child)).toEqual([]);
    await untilNodeServer(service, id, isConnected);
    await act(id, 'stop');
    await untilNodeServer(service, id, isStopped);
  });

  test('output is in the log with its level', async () => {
    const output = `
console.log('plain');
console.error('on stderr');
console.log('2026-01-01 10:00:00,000 [MainThread] [WARNING] careful');
console.log('DEBUG detail');
console.log('Traceback (most recent call last):');
console.log('long ' + 'x'.repeat(20_000));
process.stdout.write('no newline at the end');
`;
    const { id } = await registerProgram(service, { 'main.mjs': output }, { runtime });
    await untilNodeServer(service, id, ({ state }) => state === 'crashed');
    await act(id, 'stop');
    const lines: LogLine[] = [];
    for await (const line of followLog(service, id)) {
      lines.push(line);
      if (line.text.startsWith('It ended')) break;
    }
    const levelOf = (text: string) => lines.find((line) => line.text.includes(text))?.level;
    expect(levelOf('plain')).toBe('info');
    expect(levelOf('on stderr')).toBe('error');
    expect(levelOf('careful')).toBe('warning');
    expect(levelOf('DEBUG detail')).toBe('debug');
    expect(levelOf('Traceback')).toBe('error');
    expect(levelOf('no newline at the end')).toBe('info');
    const long = lines.find(({ text }) => text.startsWith('long'));
    expect(long?.text).toMatch(/x … \(20005 characters\)$/);
    expect(lines.map(({ n }) => n)).toEqual(lines.map((_, i) => i + 1));
    const warnings = await service.call<{ text: string }>('GET', `/api/node-servers/${id}/log?level=warning`);
    expect(warnings.text).toContain('careful');
    expect(warnings.text).not.toContain('plain');
    const found = await service.fetch(`/api/node-servers/${id}/log?text=TRACEBACK&lines=5`);
    expect(found.headers.get('content-disposition')).toBe('attachment; filename="Program.log"');
    expect((await found.text()).trim().split('\n')).toHaveLength(1);
  });
});

describe('what the user is told', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(async () => {
    await removePrograms();
    await service.close();
  });
  const crashed = (id: string): Promise<NodeServer> =>
    untilNodeServer(service, id, ({ state }) => state === 'crashed');

  test('a program that is not in its source is not started, nor tried again', async () => {
    const { id } = await registerProgram(service, { 'other.mjs': '' });
    const { stateReason } = await crashed(id);
    expect(stateReason).toBe('The program “main.mjs” (executable in server.json) is not in its source.');
  });

  test('a folder that is not there', async () => {
    const body = {
      serverJson: { name: 'Lost', type: 'node', executable: 'main.mjs' },
      source: { folder: '/no/such/folder' },
    };
    const { errors } = await service.call<Problem>('POST', '/api/node-servers', { body, status: 400 });
    expect(errors).toEqual([
      { path: 'source.folder', message: 'There is no folder /no/such/folder on the server.' },
    ]);
  });

  test('a source that was mistyped is corrected, and installed from at the next start', async () => {
    const source = { git: 'https://127.0.0.1:9/program.git' };
    const { id } = await registerProgram(service, {}, { source });
    expect((await crashed(id)).stateReason).toContain('is a private address');
    const folder = await programFolder({ 'main.mjs': TINY_WORKER });
    const change = (to: object, status = 200) =>
      service.call('PATCH', `/api/node-servers/${id}`, { body: { source: to }, status });
    await change({ folder: '/no/such/folder' }, 400);
    await change({ archive: 'another.zip' }, 400);
    await change({ folder });
    await service.call('POST', `/api/node-servers/${id}/start`, { status: 202 });
    const now = await untilNodeServer(service, id, isConnected);
    expect(now).toMatchObject({ source: { folder }, installed: { number: 1 } });
    // Also of one that runs.
    const other = await programFolder({ 'main.mjs': `console.log('from elsewhere');\n${TINY_WORKER}` });
    await change({ folder: other });
    await service.call('POST', `/api/node-servers/${id}/restart`, { status: 202 });
    await logLine(service, id, /^from elsewhere$/);
    await untilNodeServer(service, id, isConnected);
  });

  test('the install script runs once, with bash -xe, and its output is in the log', async () => {
    const { id } = await registerProgram(
      service,
      {
        'main.mjs': TINY_WORKER,
        'install.sh': 'echo "installing in $(pwd) as $HOME"\ntouch installed.txt\n',
      },
      { serverJson: { install_cloud: 'install.sh' } },
    );
    await untilNodeServer(service, id, isConnected);
    await logLine(service, id, /^\+ touch installed\.txt$/);
    const { text } = await logLine(service, id, /^installing in /);
    expect(text).toMatch(/\/nodeserver as \//);
    expect(await readdir(join(service.dataDir, 'workers', id, 'releases', '1', 'nodeserver'))).toContain(
      'installed.txt',
    );
    const count = async () =>
      (
        await service.call<{ text: string }>(
          'GET',
          `/api/node-servers/${id}/log?text=${encodeURIComponent('+ touch')}`,
        )
      ).text
        .trim()
        .split('\n').length;
    await service.call('POST', `/api/node-servers/${id}/restart`, { status: 202 });
    await untilNodeServer(service, id, (now) => !isConnected(now));
    await untilNodeServer(service, id, isConnected);
    expect(await count()).toBe(1);
  });

  test('an install script that fails stops at its first failure, and says which', async () => {
    const { id } = await registerProgram(
      service,
      { 'main.mjs': '', 'install.sh': 'echo before\nfalse\necho after\n' },
      { serverJson: { install_cloud: 'install.sh' } },
    );
    const { stateReason } = await crashed(id);
    expect(stateReason).toBe(
      'Running install.sh failed: It ended with code 1: “+ false”. The log has its output.',
    );
    const { text } = await service.call<{ text: string }>('GET', `/api/node-servers/${id}/log`);
    expect(text).toContain(' before\n');
    expect(text).not.toContain(' after\n');
  });

  test('stopping ends an installation that is under way; so does deleting, and nothing is left', async () => {
    const marker = `polyrelay-install-${process.pid}`;
    const { id } = await registerProgram(
      service,
      { 'main.mjs': '', 'install.sh': `echo waiting\nsleep 1000 & exec -a ${marker} sleep 1000\n` },
      { serverJson: { install_cloud: 'install.sh' } },
    );
    await logLine(service, id, /^waiting$/);
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    await untilNodeServer(service, id, isStopped);
    expect(await processesWith(marker)).toEqual([]);
    await logLine(service, id, /The installation was ended/);
    await service.call('POST', `/api/node-servers/${id}/start`, { status: 202 });
    await untilNodeServer(service, id, ({ stateReason }) => stateReason === 'Running install.sh');
    await service.call('DELETE', `/api/node-servers/${id}`, { status: 202 });
    await untilGone(service, id);
    expect(await processesWith(marker)).toEqual([]);
    expect(await readdir(join(service.dataDir, 'workers'))).not.toContain(id);
  });

  test('a worker may ask to be restarted', async () => {
    const { id } = await registerProgram(service, { 'main.mjs': TINY_WORKER });
    await untilNodeServer(service, id, (now) => isConnected(now) && 'controller' in now.nodes);
    const gone = nextEvent(service, `nodeServers/${id}`, ({ connected }) => connected === false);
    await service.call('POST', `/api/node-servers/${id}/nodes/controller/commands`, {
      body: { cmd: 'RESTART' },
      status: 202,
    });
    await gone;
    await untilNodeServer(service, id, isConnected);
    await logLine(service, id, /^The worker asks to be restarted$/);
  });

  test('a process that an earlier run of the service left behind is ended before its worker starts', async () => {
    const { id, worker } = await registerProgram(service, { 'main.mjs': TINY_WORKER }, { start: false });
    const leftover = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      detached: true,
      stdio: 'ignore',
      env: { NODESERVER: worker },
    });
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
      env: {},
    });
    const ended = once(leftover, 'exit');
    const folder = join(service.dataDir, 'workers', id);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'worker.pid'), String(leftover.pid));
    await service.call('POST', `/api/node-servers/${id}/start`, { status: 202 });
    await ended;
    await untilNodeServer(service, id, isConnected);
    // A number that now belongs to another program is left alone.
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    await untilNodeServer(service, id, isStopped);
    await writeFile(join(folder, 'worker.pid'), String(stranger.pid));
    await service.call('POST', `/api/node-servers/${id}/start`, { status: 202 });
    await untilNodeServer(service, id, isConnected);
    expect(stranger.exitCode).toBeNull();
    stranger.kill('SIGKILL');
  });
});

test('workers come back when the service does, those that were stopped do not, and logs go on', async () => {
  const place = await lastingPlace();
  const first = await startService(place.env);
  const { id } = await registerProgram(first, { 'main.mjs': TINY_WORKER });
  const other = await registerProgram(first, { 'main.mjs': TINY_WORKER });
  for (const one of [id, other.id]) await untilNodeServer(first, one, isConnected);
  await first.call('POST', `/api/node-servers/${other.id}/stop`, { status: 202 });
  await untilNodeServer(first, other.id, isStopped);
  await first.close();

  const second = await startService(place.env);
  await untilNodeServer(second, id, isConnected);
  expect(isStopped(await second.call<NodeServer>('GET', `/api/node-servers/${other.id}`))).toBe(true);
  await second.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
  await untilNodeServer(second, id, isStopped);
  await second.close();

  const third = await startService(place.env);
  const numbers: number[] = [];
  let runs = 0;
  for await (const line of followLog(third, id)) {
    numbers.push(line.n);
    if (line.text === 'run 0') runs++;
    if (runs === 2 && line.text.startsWith('It ended')) break;
  }
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  await removePrograms();
  await third.close();
  await place.remove();
});
