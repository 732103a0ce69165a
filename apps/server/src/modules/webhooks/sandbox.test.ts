import type { NodeServerRecord, Webhook } from '@polyrelay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../testing/ports.js';
import { registerProgram, removePrograms, TINY_WORKER } from '../../testing/programs.js';
import { startService, type TestService } from '../../testing/service.js';
import { untilNodeServer } from '../../testing/waiting.js';

let service: TestService;
beforeAll(async () => {
  const port = await freePorts(1);
  service = await startService({ INGRESS_PORTS: `${port}-${port}` });
});
afterAll(async () => {
  await service.close();
  await removePrograms();
});

/** Listens where node servers do, says so, and then connects. */
const LISTENING = `
import { createServer } from 'node:http';
await new Promise((resolve) => createServer((request, response) => {
  response.end(JSON.stringify({ path: request.url, netInfo: JSON.parse(process.env.NODESERVER).netInfo }));
}).listen(3000, resolve));
await import('./worker.mjs');
`;

test('a program in the sandbox is reached at its port 3000, through its own port and its webhook URL', async ({
  skip,
}) => {
  const sandbox = service.app.nodeServers.runtimes.list().find(({ name }) => name === 'sandbox');
  if (!sandbox?.available) skip(sandbox?.reason);
  const nodeServer = await registerProgram(
    service,
    { 'main.mjs': LISTENING, 'worker.mjs': TINY_WORKER },
    { runtime: 'sandbox', serverJson: { httpsIngress: true } },
  );
  await untilNodeServer(service, nodeServer.id, ({ connected }) => connected);
  const port = nodeServer.ingress?.port;
  const direct = await fetch(`http://127.0.0.1:${port}/direct`);
  const told = (await direct.json()) as { path: string; netInfo: NodeServerRecord['netInfo'] };
  expect(told).toMatchObject({ path: '/direct', netInfo: { publicPort: port } });
  const { url } = await service.call<Webhook>('GET', `/api/node-servers/${nodeServer.id}/webhook`);
  const called = await fetch(`${service.url}${new URL(url).pathname}/called?x=1`);
  expect(await called.json()).toMatchObject({ path: '/called?x=1' });
  // Published node servers give out `httpsIngress`, and listen below a path of their own.
  const event = await fetch(`${service.url}${new URL(told.netInfo.httpsIngress ?? '').pathname}event`);
  expect(await event.json()).toMatchObject({ path: `/ns/${nodeServer.worker}/event` });
});
