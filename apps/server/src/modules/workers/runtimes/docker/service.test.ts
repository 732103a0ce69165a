import type { NodeServer } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DockerEngine } from '../../../../testing/docker-engine.js';
import { hasPrograms } from '../../../../testing/fake-container.js';
import { registerProgram, removePrograms, TINY_WORKER } from '../../../../testing/programs.js';
import { startService, type TestService } from '../../../../testing/service.js';
import { logLine, untilGone, untilNodeServer } from '../../../../testing/waiting.js';

const isConnected = ({ state, nodes }: NodeServer): boolean => state === 'connected' && 'controller' in nodes;

describe.skipIf(!hasPrograms('bwrap'))('a service with Docker', () => {
  let engine: DockerEngine;
  let service: TestService;
  beforeAll(async () => {
    engine = await DockerEngine.start();
    service = await startService({
      DOCKER_HOST: `unix://${engine.socket}`,
      WORKER_IMAGE_NODE: 'polyrelay/worker-node:test',
    });
  });
  afterAll(async () => {
    await removePrograms();
    await service.close();
    await engine.close();
  });

  const register = (script: string, serverJson: object = {}): Promise<NodeServer> =>
    registerProgram(
      service,
      { 'main.mjs': script, 'install.sh': 'echo "installed as $(id -u)"' },
      {
        runtime: 'docker',
        serverJson: { install_cloud: 'install.sh', ...serverJson },
      },
    );

  test('a worker is installed, connects through the broker, crashes, comes back, and is removed', async () => {
    const { id, worker } = await register(TINY_WORKER);
    await untilNodeServer(service, id, isConnected);
    await logLine(service, id, /^installed as \d+$/);
    expect(engine.containers).toMatchObject([
      { status: 'running', asked: { Labels: { 'polyrelay.worker': worker } } },
    ]);
    await service.call('POST', `/api/node-servers/${id}/nodes/controller/commands`, {
      body: { cmd: 'CRASH' },
      status: 202,
    });
    const crashed = await untilNodeServer(service, id, ({ state }) => state === 'crashed');
    expect(crashed.stateReason).toBe('It ended with code 7. Starting again in 1 s.');
    await untilNodeServer(service, id, isConnected);
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    await untilNodeServer(service, id, ({ state }) => state === 'stopped');
    expect(engine.containers).toEqual([]);
    await service.call('DELETE', `/api/node-servers/${id}`, { status: 202 });
    await untilGone(service, id);
  });

  test('an image that Docker does not have is named to the user', async () => {
    const { id } = await register('', { type: 'python3' });
    const { stateReason } = await untilNodeServer(service, id, ({ state }) => state === 'crashed');
    expect(stateReason).toMatch(/Docker has no image “polyrelay\/worker-python:.*”: build it/);
  });
});

test('a service without Docker says why the runtime cannot be chosen', async () => {
  const service = await startService({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  const refused = await service.call<{ detail: string }>('POST', '/api/node-servers', {
    body: {
      serverJson: { name: 'D', type: 'node', executable: 'main.mjs' },
      source: { folder: '/tmp' },
      runtime: 'docker',
    },
    status: 400,
  });
  expect(refused.detail).toMatch(/There is no Docker here \(\/nowhere\/docker\.sock\)/);
  await service.close();
});
