import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesWith, registerProgram, removePrograms, TINY_WORKER } from '../../testing/programs.js';
import { startService, type TestService } from '../../testing/service.js';
import { logLine, untilNodeServer } from '../../testing/waiting.js';

let service: TestService;
beforeAll(async () => {
  service = await startService({ SPARE_WORKERS: '1' });
});
afterAll(async () => {
  await removePrograms();
  await service.close();
});

const hasSandbox = async (): Promise<boolean> => {
  const { items } = await service.call<{ items: { name: string; available: boolean }[] }>(
    'GET',
    '/api/runtimes',
  );
  return items.some(({ name, available }) => name === 'sandbox' && available);
};

const spareFolders = () => readdir(join(service.dataDir, 'workers', '.spares')).catch(() => []);

test('a worker takes a spare over as if it had been started in it, and another is made ready', async (context) => {
  if (!(await hasSandbox())) context.skip('bubblewrap does not work here');
  await expect.poll(spareFolders).toHaveLength(1);
  const [before] = await spareFolders();
  const look = `
    const { NODESERVER, ...env } = process.env;
    console.log('SEEN ' + JSON.stringify({
      env: Object.keys(env).sort(), argv: process.argv.slice(1), execArgv: process.execArgv, cwd: process.cwd(),
      main: require.main === module, home: require('fs').readdirSync('/app').sort(),
    }));
    import('./worker.mjs');
  `;
  const { id } = await registerProgram(
    service,
    { 'main.cjs': look, 'worker.mjs': TINY_WORKER },
    { serverJson: { executable: 'main.cjs' } },
  );
  const { text } = await logLine(service, id, /^SEEN /);
  expect(JSON.parse(text.slice(5))).toEqual({
    env: ['HOME', 'LANG', 'MQTTENDPOINT', 'MQTTPORT', 'PATH', 'PYTHONUNBUFFERED', 'STAGE'],
    argv: ['/app/nodeserver/main.cjs'],
    execArgv: [],
    cwd: '/app/nodeserver',
    main: true,
    home: ['certs', 'complete', 'home', 'logs', 'nodeserver', 'venv'],
  });
  await untilNodeServer(service, id, ({ state }) => state === 'connected');
  await expect.poll(spareFolders).toHaveLength(1);
  expect(await spareFolders()).not.toContain(before);
  // It can be started again from where its files are now, and ends as any other.
  await service.call('POST', `/api/node-servers/${id}/restart`, { status: 202 });
  await untilNodeServer(service, id, ({ state }) => state !== 'connected');
  const again = await untilNodeServer(service, id, ({ state }) => state === 'connected');
  expect(again.installation?.steps).toHaveLength(1);
});

test('one that crashes at once says why, spare or not', async (context) => {
  if (!(await hasSandbox())) context.skip('bubblewrap does not work here');
  const { id } = await registerProgram(service, { 'main.mjs': 'throw new Error("no luck");' });
  const { stateReason } = await untilNodeServer(service, id, ({ state }) => state === 'crashed');
  expect(stateReason).toBe('It ended with code 1: “Error: no luck”. Starting again in 1 s.');
  await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
  expect((await logLine(service, id, /no luck/)).stream).toBe('stderr');
});

test('one that gets no more memory is said to have run out of it, whichever way it asked', async (context) => {
  if (!(await hasSandbox())) context.skip('bubblewrap does not work here');
  const { id } = await registerProgram(service, {
    'main.mjs': 'const kept = []; for (;;) kept.push(Buffer.alloc(64e6, 1));',
  });
  const { stateReason } = await untilNodeServer(service, id, ({ state }) => state === 'crashed');
  expect(stateReason).toMatch(/^It (ran out of memory: it may use|used more than) 512 MB/);
  await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
});

test('spares end with the service', async () => {
  const other = await startService({ SPARE_WORKERS: '2' });
  const { dataDir } = other;
  await other.close();
  expect(await processesWith(join(dataDir, 'workers', '.spares'))).toEqual([]);
});
