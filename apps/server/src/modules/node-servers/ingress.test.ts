import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry, NodeServer, NodeServerRecord, Problem } from '@polyrelay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectWorker, registerLocal } from '../../testing/node-servers.js';
import { freePorts } from '../../testing/ports.js';
import { programFolder, removePrograms } from '../../testing/programs.js';
import { lastingPlace, startService, type TestService } from '../../testing/service.js';
import { untilGone } from '../../testing/waiting.js';

let service: TestService;
let first: number;
/** Another program of this machine, on the middle one of three ports. */
let other: Server;

beforeAll(async () => {
  first = await freePorts(3);
  other = createServer().listen(first + 1);
  await once(other, 'listening');
  service = await startService({
    INGRESS_PORTS: `${first}-${first + 2}`,
    PUBLIC_IP: '203.0.113.7',
    PUBLIC_URL: 'https://relay.example.org',
  });
  service.app.nodeServers.runtimes.offer('docker', 'mapped');
});
afterAll(async () => {
  await service.close();
  other.close();
});

const register = (runtime: string, ingressRequired: boolean): Promise<NodeServer> =>
  registerLocal(service, {
    serverJson: { name: 'Hub', type: 'node', executable: 'hub.mjs', ingressRequired },
    runtime,
    ...(runtime === 'local' ? {} : { source: { folder: tmpdir() } }),
    start: false,
  });

const change = (id: string, body: object): Promise<NodeServer> =>
  service.call('PATCH', `/api/node-servers/${id}`, { body });

const refused = (id: string, body: object, status: number): Promise<Problem> =>
  service.call('PATCH', `/api/node-servers/${id}`, { body, status });

/** What the worker is told, from its PGURL. */
async function netInfo({ pgUrl }: NodeServer): Promise<NodeServerRecord['netInfo']> {
  const answer = await service.fetch(new URL(pgUrl).pathname + new URL(pgUrl).search);
  return ((await answer.json()) as { nodeServer: NodeServerRecord }).nodeServer.netInfo;
}

const OUTSIDE = { publicIp: '203.0.113.7', publicDns: 'relay.example.org' };

test('a runtime with a network of its own: a port of the range for good, one each, none that is in use', async () => {
  const one = await register('docker', true);
  expect(one.ingress).toEqual({
    host: 'relay.example.org',
    ip: '203.0.113.7',
    port: first,
    inbound: 'mapped',
    note: '',
  });
  expect(await netInfo(one)).toMatchObject({ ...OUTSIDE, publicPort: first });

  const two = await register('docker', false);
  expect(two.ingress).toBeNull();
  expect(await netInfo(two)).toEqual({ ...OUTSIDE, publicPort: 0 });
  const [worker, audited] = [await connectWorker(service, { ...two, pgUrl: here(two.pgUrl) }), worksSince()];
  const on = await change(two.id, { ingress: true });
  expect(on.ingress?.port).toBe(first + 2);
  await worker.waitForConfig(({ netInfo }) => netInfo.publicPort === first + 2);
  expect(await audited('nodeServer.ingressOn')).toBe(true);

  // Both are given away, and the middle one is another program's.
  expect(
    await service.call('POST', '/api/node-servers', {
      body: {
        serverJson: { name: 'Third', type: 'node', executable: 'x.mjs', ingressRequired: true },
        runtime: 'docker',
        source: { folder: tmpdir() },
        start: false,
      },
      status: 409,
    }),
  ).toMatchObject({ code: 'noIngressPort', detail: expect.stringContaining('INGRESS_PORTS') });
  const third = await register('docker', false);
  expect(await refused(third.id, { ingress: true }, 409)).toMatchObject({ code: 'noIngressPort' });

  // It keeps its port through other changes and other runtimes.
  expect((await change(two.id, { name: 'Renamed' })).ingress?.port).toBe(first + 2);
  expect((await change(two.id, { runtime: 'process' })).ingress?.port).toBe(3000);
  expect((await change(two.id, { runtime: 'docker' })).ingress?.port).toBe(first + 2);

  // Switched off, or deleted, it is free again.
  expect((await change(two.id, { ingress: false })).ingress).toBeNull();
  expect((await change(third.id, { ingress: true })).ingress?.port).toBe(first + 2);
  await service.call('DELETE', `/api/node-servers/${one.id}`, { status: 202 });
  await untilGone(service, one.id);
  expect((await change(two.id, { ingress: true })).ingress?.port).toBe(first);
});

test('two that are switched on at once get two ports, or one of them none', async () => {
  const own = await startService({ INGRESS_PORTS: `${first}-${first}` });
  try {
    own.app.nodeServers.runtimes.offer('docker', 'mapped');
    const all = await Promise.all(
      ['A', 'B', 'C'].map((name) =>
        own.fetch('/api/node-servers', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            serverJson: { name, type: 'node', executable: 'x.mjs', ingressRequired: true },
            runtime: 'docker',
            source: { folder: tmpdir() },
            start: false,
          }),
        }),
      ),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  } finally {
    await own.close();
  }
});

test('the runtime process shares the machine’s network: port 3000 is the machine’s', async () => {
  const nodeServer = await register('process', true);
  expect(await netInfo(nodeServer)).toEqual({ ...OUTSIDE, publicPort: 3000 });
  expect((await service.app.nodeServers.get(nodeServer.id))?.ingressPort).toBeUndefined();
});

test('a sandbox without pasta promises no port of its own and says what to install; then it gets one', async ({
  skip,
}) => {
  const place = await lastingPlace();
  const env = { ...place.env, INGRESS_PORTS: `${first}-${first + 2}` };
  const folder = await programFolder({ pasta: '#!/bin/sh\nexit 1\n' });
  await chmod(join(folder, 'pasta'), 0o755);
  const path = process.env.PATH;
  process.env.PATH = `${folder}:${path}`;
  const without = await startService(env).finally(() => {
    process.env.PATH = path;
  });
  const sandboxOf = ({ app }: TestService) =>
    app.nodeServers.runtimes.list().find(({ name }) => name === 'sandbox');
  let id: string;
  try {
    const sandbox = sandboxOf(without);
    if (!sandbox?.available) return skip(sandbox?.reason);
    const note = expect.stringContaining('apt install passt');
    expect(sandbox).toMatchObject({ inbound: 'shared', inboundNote: note });
    const nodeServer = await registerLocal(without, {
      serverJson: { name: 'Hub', type: 'node', executable: 'hub.mjs', ingressRequired: true },
      runtime: 'sandbox',
      source: { folder: tmpdir() },
      start: false,
    });
    expect(nodeServer.ingress).toMatchObject({ port: 3000, inbound: 'shared', note });
    expect((await without.app.nodeServers.get(nodeServer.id))?.ingressPort).toBeUndefined();
    id = nodeServer.id;
  } finally {
    await without.close();
  }
  const again = await startService(env);
  if (sandboxOf(again)?.inbound === 'mapped') {
    const { ingress } = await again.call<NodeServer>('GET', `/api/node-servers/${id}`);
    expect(ingress).toMatchObject({ port: first, inbound: 'mapped', note: '' });
  }
  await again.close();
  await place.remove();
  await removePrograms();
});

test('for a worker that the user runs, the user says the port', async () => {
  const nodeServer = await register('local', true);
  expect(nodeServer.ingress).toMatchObject({ port: null });
  expect(await netInfo(nodeServer)).toEqual({ ...OUTSIDE, publicPort: 0 });
  const changed = await change(nodeServer.id, { ingressPort: 8123 });
  expect(changed.ingress?.port).toBe(8123);
  expect(await netInfo(nodeServer)).toEqual({ ...OUTSIDE, publicPort: 8123 });
  expect(await refused(nodeServer.id, { ingressPort: 65_536 }, 400)).toMatchObject({
    errors: [expect.objectContaining({ path: 'ingressPort' })],
  });
  const other = await register('process', true);
  expect(await refused(other.id, { ingressPort: 8123 }, 400)).toMatchObject({ code: 'portNotYours' });
});

const here = (pgUrl: string): string => service.url + new URL(pgUrl).pathname + new URL(pgUrl).search;

/** Whether an action was audited meanwhile. */
function worksSince(): (action: string) => Promise<boolean> {
  return async (action) => {
    const { items } = await service.call<{ items: AuditEntry[] }>('GET', '/api/audit');
    return items.some((entry) => entry.action === action);
  };
}
