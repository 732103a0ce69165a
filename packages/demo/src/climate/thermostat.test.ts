import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NodeServerRecord, ServerJson } from '@polyrelay/contract';
import { mutualTlsBroker, type ServicePeer, servicePeer, type TestBroker } from '@polyrelay/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildThermostat } from '../../build-thermostat.mjs';
import { type DemoProvider, signInAt, startDemoProvider } from '../provider/index.js';

const client = {
  clientId: 'relay',
  clientSecret: 'secret',
  redirectUris: ['http://127.0.0.1:1/api/oauth/callback'],
};
const app = mkdtempSync(join(tmpdir(), 'thermostat-'));
let broker: TestBroker;
let provider: DemoProvider;
let service: ServicePeer;
let workers: ChildProcess[] = [];
let count = 0;

beforeAll(async () => {
  broker = await mutualTlsBroker();
  // Shorter than the margin before the end, so every reading refreshes.
  provider = await startDemoProvider({ ...client, accessTokenSeconds: 5 });
  await buildThermostat(join(app, 'nodeserver'));
});
beforeEach(async () => {
  count += 1;
  service = await servicePeer(broker, { record: recordOf(`worker${count}`), stage: `stage${count}` });
});
afterEach(async () => {
  for (const worker of workers) {
    if (worker.exitCode !== null || worker.signalCode !== null) continue;
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  }
  workers = [];
  await service.close();
});
afterAll(async () => {
  await provider.close();
  await broker.close();
  rmSync(app, { recursive: true });
});

const recordOf = (worker: string): Partial<NodeServerRecord> => ({
  worker,
  firstRun: true,
  shortPoll: 1,
  longPoll: 60,
  customParams: {},
  customData: {},
  notices: {},
  oauth: { url: provider.authorizationUrl, clientId: client.clientId, clientSecret: client.clientSecret },
});

/** Starts the built folder as the service does: plain `node`, environment, certificates beside it. */
const startWorker = (): ChildProcess => {
  const certs = join(app, 'certs');
  mkdirSync(certs, { recursive: true });
  writeFileSync(join(certs, 'AmazonRootCA1.pem'), service.start.caCert);
  writeFileSync(join(certs, 'iot.crt'), service.start.iotCert);
  writeFileSync(join(certs, 'private.key'), service.start.iotPrivateKey);
  const worker = spawn(process.execPath, ['thermostat.mjs'], {
    cwd: join(app, 'nodeserver'),
    env: {
      NODESERVER: JSON.stringify(service.record),
      STAGE: service.stage,
      MQTTENDPOINT: '127.0.0.1',
      MQTTPORT: String(broker.port),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  workers.push(worker);
  return worker;
};

const linkIn = (notice: unknown): string =>
  (/href="([^"]+)"/.exec(String(notice))?.[1] ?? '').replaceAll('&#38;', '&');

const noticeThat = async (accepts: (auth: string) => boolean, from = 0): Promise<string> => {
  const notices = await service.waitFor(
    'notices',
    ({ auth }) => auth !== undefined && accepts(String(auth)),
    { from },
  );
  return String(notices.auth);
};

/** What the service does with the browser that comes back. */
const relay = (callback: string) =>
  service.say({ oauth: Object.fromEntries(new URL(callback).searchParams) });

const link = async () => {
  await relay(await signInAt(linkIn(await noticeThat(() => true))));
  await service.waitFor('notices', (notices) => !('auth' in notices));
};

const statusOf = (driver: string, accepts: (value: string) => boolean = () => true, from = 0) =>
  service.waitFor(
    'batch',
    ({ status = [] }) => status.some((one) => one.driver === driver && accepts(String(one.value))),
    { from },
  );

test('the built folder is one the service accepts', () => {
  const serverJson: unknown = JSON.parse(readFileSync(join(app, 'nodeserver/server.json'), 'utf8'));
  expect(ServerJson.parse(serverJson)).toMatchObject({ name: 'Demo Climate', type: 'node', shortPoll: 3 });
  expect(readdirSync(join(app, 'nodeserver')).sort()).toEqual(['profile', 'server.json', 'thermostat.mjs']);
});

test('links the account, shows three thermostats whose values move, and stops in time', async () => {
  const worker = startWorker();
  const notice = await noticeThat(() => true);
  expect(linkIn(notice)).toBe(`${provider.authorizationUrl}${service.record.worker}`);
  expect(notice).toContain('>Sign in to Demo Climate</a>');
  expect(service.seen('uploadProfile').map(({ type }) => type)).toEqual(['nodedef', 'editor', 'nls']);

  await link();
  await service.waitFor('batch', ({ addnode }) => addnode?.length === 3);
  const { tokens } = await service.waitFor('customdata', (data) => 'tokens' in data);
  expect(tokens).toMatchObject({ accessToken: expect.any(String), refreshToken: expect.any(String) });
  const living = service.record.nodes.t_living;
  expect(living).toMatchObject({ name: 'Living room', nodedefid: 'thermostat', primary: 'controller' });
  expect(Object.keys(living?.drivers ?? {})).toEqual([
    'ST',
    'CLITEMP',
    'CLIHUM',
    'CLISPH',
    'CLIMD',
    'CLIFS',
    'CLIHCS',
  ]);

  await statusOf('CLITEMP');
  await statusOf('CLITEMP', () => true, service.mark());

  const stopping = performance.now();
  await service.say({ stop: '' });
  const [code] = await once(worker, 'exit');
  expect(code).toBe(0);
  expect(performance.now() - stopping).toBeLessThan(10_000);
  expect(service.seen('connected').at(-1)).toBe(false);
});

test('does what it is told, and says whether it could', async () => {
  startWorker();
  await link();
  await service.waitFor('batch', ({ addnode }) => addnode?.length === 3);

  const from = service.mark();
  const tell = (requestId: string, cmd: string, value?: string) =>
    service.say({
      command: { address: 't_study', cmd, ...(value ? { value, uom: '4' } : {}), query: { requestId } },
    });
  await tell('a', 'CLISPH', '24.5');
  await statusOf('CLISPH', (value) => value === '24.5', from);
  expect(await service.waitFor('report', ({ requestId }) => requestId === 'a')).toMatchObject({
    success: true,
  });

  await tell('b', 'DOF');
  await service.waitFor('command', ({ command, address }) => command === 'DOF' && address === 't_study', {
    from,
  });
  await tell('c', 'CLISPH', '99');
  expect(await service.waitFor('report', ({ requestId }) => requestId === 'c')).toMatchObject({
    success: false,
  });
});

test('after a restart it needs no new sign-in', async () => {
  const first = startWorker();
  await link();
  await service.waitFor('batch', ({ addnode }) => addnode?.length === 3);
  await service.say({ stop: '' });
  await once(first, 'exit');

  const from = service.mark();
  service.record.firstRun = false;
  startWorker();
  await service.waitFor('batch', ({ addnode }) => addnode?.length === 3, { from });
  await statusOf('CLITEMP', () => true, from);
  expect(service.seen('notices', from)).toEqual([]);
  expect(service.seen('uploadProfile', from)).toEqual([]);
});

test('says what went wrong and offers the link again', async () => {
  startWorker();
  const url = linkIn(await noticeThat(() => true));
  await relay(await signInAt(url, { answer: 'deny' }));
  const denied = await noticeThat((text) => text.includes('did not allow access'));
  expect(linkIn(denied)).toBe(url);

  await service.say({ oauth: { code: 'made up', state: service.record.worker } });
  expect(linkIn(await noticeThat((text) => text.includes('did not work')))).toBe(url);

  await service.say({
    oauth: { error: 'server_error', error_description: '<script>', state: service.record.worker },
  });
  expect(await noticeThat((text) => text.includes('script'))).not.toContain('<script>');

  await link();
  provider.revokeAll();
  expect(linkIn(await noticeThat((text) => text.includes('ended the access'), service.mark()))).toBe(url);
  expect(service.record.customData).not.toHaveProperty('tokens');
});

test('without a provider it says so, and goes on when there is one', async () => {
  const { oauth } = service.record;
  service.record.oauth = {};
  startWorker();
  await service.waitFor('notices', ({ setup }) => String(setup).startsWith('Enter the provider'));
  await service.change({ oauth });
  await noticeThat((text) => text.includes('Sign in'));
  expect(service.record.notices).not.toHaveProperty('setup');
});
