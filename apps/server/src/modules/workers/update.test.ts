import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeServer } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '../../testing/ports.js';
import { programFolder, registerProgram, removePrograms, TINY_WORKER } from '../../testing/programs.js';
import { lastingPlace, startService, type TestService } from '../../testing/service.js';
import { untilNodeServer } from '../../testing/waiting.js';
import { zip } from '../../testing/zip.js';

let service: TestService;
/** The only one that can be given away. */
let port: number;
beforeAll(async () => {
  port = await freePorts(1);
  service = await startService({ INGRESS_PORTS: `${port}-${port}` });
});
afterAll(async () => {
  await removePrograms();
  await service.close();
});

const serverJson = (version: string, extra: object = {}): string =>
  JSON.stringify({
    name: 'Program',
    type: 'node',
    executable: 'main.mjs',
    credits: [{ title: 'Program', version }],
    ...extra,
  });

/** A node server of version 1.0 that is connected, and the folder it came from. */
async function connected(): Promise<{ id: string; folder: string }> {
  const folder = await programFolder({ 'main.mjs': TINY_WORKER, 'server.json': serverJson('1.0') });
  const { id } = await service.call<NodeServer>('POST', '/api/node-servers', {
    body: { serverJson: JSON.parse(serverJson('1.0')), source: { folder } },
    status: 201,
  });
  await untilNodeServer(service, id, ({ state }) => state === 'connected');
  return { id, folder };
}

const update = (id: string, status = 202) =>
  service.call('POST', `/api/node-servers/${id}/update`, { body: {}, status });

const isSettled = ({ installation }: NodeServer): boolean =>
  installation?.kind === 'update' && ['done', 'failed', 'rolledBack'].includes(installation.state);

describe('an update', () => {
  test('runs the new release, keeps the one before, and goes back when asked', async () => {
    const { id, folder } = await connected();
    const first = await service.call<NodeServer>('GET', `/api/node-servers/${id}`);
    expect(first.installed).toMatchObject({ number: 1, version: '1.0', commit: null });
    expect(first.previous).toBeNull();
    await writeFile(join(folder, 'server.json'), serverJson('2.0'));
    await update(id);
    const second = await untilNodeServer(service, id, (now) => isSettled(now) && now.state === 'connected');
    expect(second).toMatchObject({ version: '2.0', installed: { number: 2 }, previous: { version: '1.0' } });
    expect(second.installation).toMatchObject({ state: 'done', reason: '' });
    expect(second.installation?.steps.every(({ state }) => state === 'done')).toBe(true);

    await service.call('POST', `/api/node-servers/${id}/rollback`, { status: 202 });
    await untilNodeServer(service, id, ({ version, state }) => version === '1.0' && state !== 'connected');
    const back = await untilNodeServer(service, id, ({ state }) => state === 'connected');
    expect(back).toMatchObject({ installed: { number: 1 }, previous: { version: '2.0' } });
    // The one that runs is not overwritten by the next.
    await update(id);
    const third = await untilNodeServer(service, id, (now) => isSettled(now) && now.installed?.number === 3);
    expect(third.version).toBe('2.0');
  });

  test('that ends instead of connecting is taken back, and the user is told why', async () => {
    const { id, folder } = await connected();
    await writeFile(join(folder, 'server.json'), serverJson('2.0'));
    await writeFile(join(folder, 'main.mjs'), 'process.exit(3);');
    await update(id);
    const after = await untilNodeServer(service, id, (now) => isSettled(now) && now.state === 'connected');
    expect(after.installation).toMatchObject({
      state: 'rolledBack',
      reason: 'Version 2.0 was not kept: It ended with code 3. Version 1.0 runs again.',
    });
    expect(after).toMatchObject({ version: '1.0', installed: { number: 1 }, previous: null });
  });

  test.each([
    ['whose source is gone', (folder: string) => rename(folder, `${folder}-gone`), /cannot be copied/],
    ['without a server.json', (folder: string) => rm(join(folder, 'server.json')), /it has no server\.json/],
    [
      'with a wrong server.json',
      (folder: string) => writeFile(join(folder, 'server.json'), serverJson('2.0', { executable: '../a' })),
      /server\.json has mistakes: executable: Must not contain/,
    ],
    [
      'without its executable',
      (folder: string) => rm(join(folder, 'main.mjs')),
      /“main\.mjs”.* is not in its source/,
    ],
    [
      'whose install script fails',
      async (folder: string) => {
        await writeFile(join(folder, 'server.json'), serverJson('2.0', { install_cloud: 'install.sh' }));
        await writeFile(join(folder, 'install.sh'), 'exit 4');
      },
      /Running install\.sh failed: It ended with code 4/,
    ],
  ])('%s fails, and the worker goes on undisturbed', async (_what, spoil, reason) => {
    const { id, folder } = await connected();
    const { timeStarted } = await service.call<NodeServer>('GET', `/api/node-servers/${id}`);
    await spoil(folder);
    await update(id);
    const after = await untilNodeServer(service, id, isSettled);
    expect(after.installation?.state).toBe('failed');
    expect(after.installation?.reason).toMatch(reason);
    expect(after).toMatchObject({ version: '1.0', state: 'connected', timeStarted, previous: null });
    await rm(`${folder}-gone`, { recursive: true, force: true });
  });

  test('takes another zip', async () => {
    const form = new FormData();
    const files = [
      { name: 'main.mjs', content: TINY_WORKER },
      { name: 'server.json', content: serverJson('3.0') },
    ];
    form.append('archive', new Blob([new Uint8Array(zip(files))]), 'new.zip');
    const { id } = await connected();
    const response = await service.fetch(`/api/node-servers/${id}/update`, { method: 'POST', body: form });
    expect(response.status).toBe(202);
    const after = await untilNodeServer(service, id, isSettled);
    expect(after).toMatchObject({ version: '3.0', installed: { number: 2 } });
  });

  test('mends a node server that could not be installed; there is nothing to go back to', async () => {
    const { id } = await registerProgram(service, { 'other.mjs': TINY_WORKER });
    const broken = await untilNodeServer(service, id, ({ state }) => state === 'crashed');
    expect(broken).toMatchObject({ installed: null, installation: { kind: 'install', state: 'failed' } });
    const { folder } = broken.source as { folder: string };
    await writeFile(join(folder, 'server.json'), serverJson('1.0'));
    await writeFile(join(folder, 'main.mjs'), 'process.exit(3);');
    await update(id);
    // It crashes as any other, with a time between its starts.
    await untilNodeServer(service, id, ({ stateReason }) => stateReason.includes('Starting again in 2 s'));
    await writeFile(join(folder, 'main.mjs'), TINY_WORKER);
    await update(id);
    const after = await untilNodeServer(service, id, ({ state }) => state === 'connected');
    expect(after).toMatchObject({ installed: { number: 3 } });
  });

  test('that needs inbound traffic gets a port, and keeps it when it goes back; without a port it fails', {
    timeout: 60_000,
  }, async ({ skip }) => {
    const one = await connected();
    const { runtime, ingress } = await service.call<NodeServer>('GET', `/api/node-servers/${one.id}`);
    expect(ingress).toBeNull();
    if (service.app.nodeServers.runtimes.inbound(runtime).inbound !== 'mapped') skip();
    const needs = serverJson('2.0', { ingressRequired: true });
    await writeFile(join(one.folder, 'server.json'), needs);
    await update(one.id);
    const after = await untilNodeServer(
      service,
      one.id,
      (now) => isSettled(now) && now.state === 'connected',
    );
    expect(after).toMatchObject({ version: '2.0', ingress: { port, inbound: 'mapped' } });

    const two = await connected();
    await writeFile(join(two.folder, 'server.json'), needs);
    await update(two.id);
    const failed = await untilNodeServer(service, two.id, isSettled);
    expect(failed.installation).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/INGRESS_PORTS/),
    });
    expect(failed.installation?.steps.at(-1)?.state).toBe('failed');
    expect(failed).toMatchObject({ version: '1.0', state: 'connected', ingress: null });

    await service.call('POST', `/api/node-servers/${one.id}/rollback`, { status: 202 });
    await untilNodeServer(
      service,
      one.id,
      ({ version, state, timeStarted }) =>
        version === '1.0' && state === 'connected' && timeStarted !== after.timeStarted,
    );
    expect((await service.app.nodeServers.get(one.id))?.ingressPort).toBe(port);
  });

  test('is refused where there is nothing to update or to go back to', async () => {
    const { id } = await connected();
    await service.call('POST', `/api/node-servers/${id}/rollback`, { status: 409 });
    const local = await service.call<NodeServer>('POST', '/api/node-servers', {
      body: { serverJson: JSON.parse(serverJson('1.0')) },
      status: 201,
    });
    await update(local.id, 409);
    await update('no-id', 400);
  });

  test('that the service’s end cut off is told as failed at its next start', async () => {
    const place = await lastingPlace();
    const first = await startService(place.env);
    const { id } = await registerProgram(first, { 'main.mjs': TINY_WORKER }, { start: false });
    const startedAt = new Date().toISOString();
    const steps = [{ name: 'Copying', state: 'running' as const, startedAt, endedAt: null }];
    await first.app.nodeServers.setInstallation(id, { kind: 'update', state: 'running', reason: '', steps });
    await first.close();
    const second = await startService(place.env);
    const after = await second.call<NodeServer>('GET', `/api/node-servers/${id}`);
    expect(after.installation).toMatchObject({
      state: 'failed',
      reason: 'The service ended meanwhile.',
      steps: [{ name: 'Copying', state: 'failed' }],
    });
    await second.close();
    await place.remove();
  });
});
