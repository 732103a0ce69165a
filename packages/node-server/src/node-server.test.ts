import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { Logger, Node, type NodeServerError } from './index.js';
import { harness, Lamp, TestController } from './testing/harness.js';

const { prepare, run, broker } = harness();
const lamp = (address = 'lamp1') => new Lamp({ address, name: `Lamp ${address}` });
const code = (expected: NodeServerError['code']) => expect.objectContaining({ code: expected });

test('start announces the worker, adds its controller, then runs controller.start', async () => {
  const order: string[] = [];
  class Ordered extends TestController {
    override start() {
      order.push(`start with ${Object.keys(service.record.nodes)}`);
    }
  }
  const { service, start, server } = await prepare({ controller: new Ordered({ name: 'My house' }) });
  await start();
  expect(order).toEqual(['start with controller']);
  expect(service.seen('connected')).toEqual([true]);
  expect(service.record.nodes.controller).toMatchObject({
    name: 'My house',
    nodedefid: 'controller',
    primary: 'controller',
    isController: true,
    drivers: { ST: { value: '1', uom: '2' } },
  });
  await expect(server.start()).rejects.toEqual(code('ALREADY_STARTED'));
});

test('start finds everything in the environment and the certificates beside the folder', async () => {
  const { service, server } = await prepare();
  const app = mkdtempSync(join(tmpdir(), 'node-server-'));
  mkdirSync(join(app, 'certs'));
  mkdirSync(join(app, 'nodeserver'));
  writeFileSync(join(app, 'certs/AmazonRootCA1.pem'), service.start.caCert);
  writeFileSync(join(app, 'certs/iot.crt'), service.start.iotCert);
  writeFileSync(join(app, 'certs/private.key'), service.start.iotPrivateKey);
  writeFileSync(join(app, 'nodeserver/server.json'), '{"name":"Test","extra":1}');
  const env = {
    NODESERVER: JSON.stringify(service.record),
    STAGE: service.stage,
    MQTTENDPOINT: 'localhost',
    MQTTPORT: String(broker().port),
  };
  await server.start({ env, folder: join(app, 'nodeserver') });
  expect(service.record.nodes).toHaveProperty('controller');
  expect(server.serverJson).toEqual({ name: 'Test', extra: 1 });
  rmSync(app, { recursive: true });
});

test('updates of a moment travel together, compared as texts', async () => {
  const { server, service } = await run();
  const one = await server.addNode(lamp('one'));
  const two = await server.addNode(lamp('two'));
  const from = service.mark();
  one.setDriver('ST', 1);
  one.setDriver('ST', '1');
  one.setDriver('GV1', 20);
  one.setDriver('GV1', 20, { uom: 4 });
  two.setDriver('ST', true);
  two.setDriver('ST', 0, { report: false });
  two.setDriver('GV1', 20, { force: true });
  await server.flush();
  await service.waitFor('batch', undefined, { from });
  expect(service.seen('batch', from)).toEqual([
    {
      status: [
        { address: 'one', driver: 'ST', value: '1', uom: '51' },
        { address: 'one', driver: 'GV1', value: '20', uom: '4' },
        { address: 'two', driver: 'ST', value: '1', uom: '51' },
        { address: 'two', driver: 'GV1', value: '20', uom: '17' },
      ],
    },
  ]);
  expect(two.getDriver('ST')).toEqual({ value: '0', uom: '51' });
});

test('a hundred nodes are one message, and a node removed and added again keeps that order', async () => {
  const { server, service } = await run();
  const from = service.mark();
  await Promise.all(Array.from({ length: 100 }, (_, index) => server.addNode(lamp(`lamp${index}`))));
  expect(service.seen('batch', from)).toHaveLength(1);
  expect(Object.keys(service.record.nodes)).toHaveLength(101);

  void server.removeNode('lamp5');
  await server.addNode(lamp('lamp5'));
  expect(service.record.nodes).toHaveProperty('lamp5');
});

test('a report follows what was set before it', async () => {
  const { server, service } = await run();
  const node = await server.addNode(lamp());
  const from = service.mark();
  node.setDriver('ST', 100);
  node.reportCmd('DON', 100, 51);
  node.reportCmd('DOF');
  await service.waitFor('command', ({ command }) => command === 'DOF', { from });
  expect(service.requests.all.slice(from).map(({ message }) => Object.keys(message)[0])).toEqual([
    'batch',
    'command',
    'command',
  ]);
  expect(service.seen('command', from)).toEqual([
    { address: 'lamp1', command: 'DON', value: '100', uom: '51' },
    { address: 'lamp1', command: 'DOF' },
  ]);
});

test('values of an earlier run stay until new ones are set', async () => {
  const stored = {
    address: 'lamp1',
    name: 'Lamp',
    nodedefid: 'lamp',
    primary: 'controller',
    isPrimary: false,
    isController: false,
    drivers: { ST: { value: 77, uom: 51 }, GV1: { value: '3', uom: '17' } },
    timeAdded: 1,
    timeStarted: 0,
  };
  const { server, service } = await run({ record: { nodes: { lamp1: stored } } });
  const node = lamp();
  node.setDriver('GV1', 4);
  await server.addNode(node);
  expect(node.getDriver('ST')).toEqual({ value: '77', uom: '51' });
  await service.waitFor('batch', ({ status }) => status?.[0]?.driver === 'GV1');
  expect(service.record.nodes.lamp1?.drivers).toEqual({
    ST: { value: '77', uom: '51' },
    GV1: { value: '4', uom: '17' },
  });
});

test('what cannot be a node or a value is an error with a code', async () => {
  class Nameless extends Node {}
  const { server, service } = await run();
  await expect(server.addNode(lamp('Lamp-1'))).rejects.toEqual(code('ADDRESS_INVALID'));
  await expect(server.addNode(new Nameless({ address: 'x', name: 'X' }))).rejects.toEqual(
    code('NODEDEF_MISSING'),
  );
  service.refused.set('lamp2', 'no room');
  await expect(server.addNode(lamp('lamp2'))).rejects.toThrow('did not take node lamp2: no room');
  expect(server.nodes.has('lamp2')).toBe(false);

  const loose: Node = lamp();
  expect(() => loose.reportDrivers()).toThrow(code('NODE_NOT_ADDED'));
  expect(() => loose.setDriver('GV9', 1)).toThrow('has no driver GV9; it declares ST, GV1');
  expect(() => loose.setDriver('ST', Number.NaN)).toThrow(code('DRIVER_VALUE'));
  await expect(server.profile.upload('nowhere')).rejects.toEqual(code('PROFILE_MISSING'));
  await expect(server.customData.merge({ big: 'x'.repeat(1_100_000) })).rejects.toEqual(
    code('MESSAGE_TOO_LARGE'),
  );
});

test('a service that does not answer addNode is named', async () => {
  const { service, server, start } = await prepare({ answers: false, addNodeTimeoutMs: 30 });
  await expect(start()).rejects.toEqual(code('NODE_TIMEOUT'));
  await expect.poll(() => service.seen('addnode')).toHaveLength(1);
  expect(server.connected).toBe(false);
});

test('commands of a node run in order and answer when asked to', async () => {
  const { server, service } = await run();
  await server.addNode(lamp());
  const say = (requestId: string, cmd: string, address = 'lamp1') =>
    service.say({ command: { address, cmd, value: 40, uom: 51, query: { requestId } } });
  await say('1', 'DON');
  await say('2', 'FAIL');
  await say('3', 'toString');
  await say('4', 'DON', 'nobody');
  for (const [requestId, success] of Object.entries({ 1: true, 2: false, 3: false, 4: false })) {
    expect(await service.waitFor('report', (report) => report.requestId === requestId)).toMatchObject({
      success,
    });
  }
  expect(service.record.nodes.lamp1?.drivers.ST).toEqual({ value: '40', uom: '51' });
});

test('query and status report all values, of one node or of every', async () => {
  const { server, service } = await run();
  await server.addNode(lamp());
  for (const message of [{ query: { address: 'lamp1' } }, { status: { address: 'lamp1' } }]) {
    const from = service.mark();
    await service.say(message);
    expect((await service.waitFor('batch', undefined, { from })).status).toHaveLength(2);
  }
  const from = service.mark();
  await service.say({ query: { address: 'all' } });
  expect((await service.waitFor('batch', undefined, { from })).status).toHaveLength(3);
});

test('a node the user removed is let go', async () => {
  const { server, service } = await run();
  const node = await server.addNode(lamp());
  await server.refresh();
  const removed = new Promise((resolve) => server.once('nodeRemoved', resolve));
  const { controller } = service.record.nodes;
  await service.change({ nodes: controller ? { controller } : {} });
  expect(await removed).toBe('lamp1');
  expect(() => node.reportDrivers()).toThrow(code('NODE_NOT_ADDED'));
});

test('polls follow server and user, and the longer of two never runs twice at once', async () => {
  const { server, service } = await run({ record: { shortPoll: 5, longPoll: 50 } });
  expect(server.polls).toEqual({ shortPoll: 5, longPoll: 50 });
  await server.setPolls({ shortPoll: 6, longPoll: 60 });
  expect(service.record.shortPoll).toBe(6);
  const changed = new Promise((resolve) => server.once('config', resolve));
  await service.say({ polls: { shortPoll: 7, longPoll: 70 } });
  await service.change({ shortPoll: 7, longPoll: 70 });
  await changed;
  expect(server.polls).toEqual({ shortPoll: 7, longPoll: 70 });
});

test('the profile is uploaded once a version', async () => {
  const app = mkdtempSync(join(tmpdir(), 'profile-'));
  mkdirSync(join(app, 'profile/nls'), { recursive: true });
  writeFileSync(join(app, 'profile/nls/en_us.txt'), 'ND-lamp-NAME = Lamp\n');
  writeFileSync(join(app, 'profile/nls/notes.md'), 'not a profile file');
  writeFileSync(join(app, 'server.json'), '{"profile_version":"2.1"}');
  const { server, service } = await prepare({ profile: 'auto' });
  await server.start({ pgUrl: service.pgUrl, host: broker().host, port: broker().port, folder: app });
  expect(service.seen('uploadProfile')).toEqual([
    { type: 'nls', filename: 'en_us.txt', payload: Buffer.from('ND-lamp-NAME = Lamp\n').toString('base64') },
  ]);
  expect(service.record.customData).toEqual({ installedProfileVersion: '2.1' });
  expect(await server.profile.uploadIfNew()).toBe(false);
  rmSync(app, { recursive: true });
});

test('the controller learns what the user changed and what the provider answered', async () => {
  const heard: unknown[] = [];
  class Curious extends TestController {
    override customParams(params: Readonly<Record<string, unknown>>) {
      heard.push(params);
    }
    override oauth({
      code: granted,
      error,
      errorDescription,
      state,
      parameters,
    }: Parameters<TestController['oauth']>[0]) {
      heard.push({ granted, error, errorDescription, state, scope: parameters.scope });
      this.server.restart();
    }
  }
  const { server, service } = await run({ controller: new Curious() });
  await server.customParams.merge({ own: 1 });
  await server.refresh();
  await service.change({ customParams: { own: 1, user: 'ann' } });
  await service.say({ oauth: { code: ['c', 'd'], state: 'w', scope: 'a b' } });
  await service.say({
    oauth: { error: 'access_denied', error_description: 'no', state: 'w' },
    userId: 'u',
    newKey: 1,
  });
  await service.waitFor('restart');
  await expect.poll(() => heard).toHaveLength(3);
  expect(heard).toEqual([
    { own: 1, user: 'ann' },
    { granted: 'c', state: 'w', scope: 'a b' },
    { error: 'access_denied', errorDescription: 'no', state: 'w' },
  ]);
});

test('a code that is there at the very start waits for controller.start', async () => {
  const order: string[] = [];
  class Slow extends TestController {
    override async start() {
      await service.say({
        oauth: { code: 'early', state: 'w' },
        command: { address: 'lamp1', cmd: 'DON', value: 9 },
      });
      await this.server.addNode(lamp());
      order.push('started');
    }
    override oauth() {
      order.push('oauth');
    }
  }
  const { service, server, start } = await prepare({ controller: new Slow() });
  await start();
  await service.waitFor('batch', ({ status }) => status?.[0]?.value === '9');
  expect(order).toEqual(['started', 'oauth']);
  expect(server.nodes.get('lamp1')?.getDriver('ST').value).toBe('9');
});

test('whoever follows the log gets it whole, then line by line', async () => {
  const silent = { log: vi.spyOn(console, 'log'), error: vi.spyOn(console, 'error') };
  silent.log.mockImplementation(() => {});
  silent.error.mockImplementation(() => {});
  const log = new Logger('Lamps');
  const { service } = await run({ log });
  log.info('before %s', 'them');
  await service.say({ startLogStream: { ns: 'x' }, clientId: 'a' });
  const text = inflateSync(await service.waitFor('logFile')).toString();
  expect(text).toContain('"message":"before them"');
  log.error('boom', new Error('deep'));
  const line = await service.requests.waitFor(({ message }) => message?.startsWith('boom') === true);
  expect(line.message).toMatchObject({ levelname: 'ERROR', threadName: 'Lamps' });
  expect(silent.error.mock.lastCall?.[0]).toMatch(/^\d{4}-.*Z \[Lamps\] \[ERROR\] boom Error: deep/);
  silent.log.mockRestore();
  silent.error.mockRestore();
});
