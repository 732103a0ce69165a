import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testAuthority } from '@polyrelay/testkit';
import { expect, test, vi } from 'vitest';
import { Controller, Logger, type LogRecord, NodeServer, type NodeServerError } from './index.js';
import { harness, Lamp, TestController } from './testing/harness.js';

const { prepare, run, broker } = harness();
const fresh = () => new NodeServer(new Controller(), { signals: false, log: new Logger('Test', 'off') });
const lamp = (address = 'lamp1') => new Lamp({ address, name: 'Lamp' });
const code = (expected: NodeServerError['code']) => expect.objectContaining({ code: expected });

test('stop: the controller puts things away, connected false is the last word, then the process ends', async () => {
  class Tidy extends TestController {
    override stop() {
      this.setDriver('ST', false);
    }
  }
  const { service, exited } = await run({ controller: new Tidy() });
  await service.say({ stop: '' });
  expect(await exited).toBe(0);
  expect(service.record.nodes.controller?.drivers.ST?.value).toBe('0');
  expect(service.requests.all.at(-1)?.message).toMatchObject({ connected: false });
  expect(service.seen('connected')).toEqual([true, false]);
});

test('stop ends in time although the author’s code hangs', async () => {
  class Stubborn extends TestController {
    override stop() {
      return new Promise(() => {});
    }
  }
  const { service, exited } = await run({ controller: new Stubborn() });
  const before = performance.now();
  await service.say({ stop: '' });
  expect(await exited).toBe(0);
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(service.seen('connected')).toEqual([true, false]);
});

test('delete: the controller cleans up, nothing is said any more', async () => {
  let cleaned = false;
  class Removed extends TestController {
    override delete() {
      cleaned = true;
    }
  }
  const { service, exited } = await run({ controller: new Removed() });
  await service.say({ delete: {} });
  expect(await exited).toBe(0);
  expect(cleaned).toBe(true);
  expect(service.seen('connected')).toEqual([true]);
});

test('a stop while starting is no error', async () => {
  const { service, exited, start } = await prepare({ answers: false });
  const started = start();
  await service.waitFor('addnode');
  await service.say({ stop: '' });
  await started;
  expect(await exited).toBe(0);
});

test('an interrupted connection: last will, then everything arrives, the newest value of each driver once', async () => {
  const { server, service } = await run();
  const node = await server.addNode(lamp());
  const down = new Promise<void>((resolve) => server.once('disconnected', () => resolve()));
  const from = service.mark();
  broker().dropAll();
  await down;
  await service.waitFor('connected', (value) => !value, { from });
  for (let value = 1; value <= 500; value += 1) node.setDriver('ST', value);
  node.setDriver('GV1', 1);
  void server.notices.add('hello', 'again');
  const added = server.addNode(lamp('lamp2'));
  await added;
  await service.waitFor('connected', (value) => value, { from });
  await service.waitFor('config', undefined, { from });
  await service.waitFor('notices', undefined, { from });
  await server.flush();
  expect(service.seen('batch', from).flatMap(({ status }) => status ?? [])).toEqual([
    { address: 'lamp1', driver: 'ST', value: '500', uom: '51' },
    { address: 'lamp1', driver: 'GV1', value: '1', uom: '17' },
  ]);
  expect(service.record.nodes).toHaveProperty('lamp2');
});

test('what was published and not acknowledged is published again', async () => {
  const { server, service } = await run();
  const from = service.mark();
  // The broker takes the first publish and dies before it acknowledges.
  const { authorizePublish } = broker().aedes;
  broker().aedes.authorizePublish = (client, packet, done) => {
    broker().aedes.authorizePublish = authorizePublish;
    broker().dropAll();
    done(null);
    void client;
    void packet;
  };
  await server.customData.merge({ token: 'kept' });
  expect(service.record.customData).toEqual({ token: 'kept' });
  expect(service.seen('customdata', from).length).toBeGreaterThan(0);
});

test('an answer that was lost with the connection is asked for again', async () => {
  const { server, service } = await run();
  const { worker } = service.record;
  // Nothing reaches the worker until the connection is another one.
  const { authorizeForward } = broker().aedes;
  broker().aedes.authorizeForward = (_client, packet) =>
    packet.topic.endsWith(`/ns/${worker}`) ? null : packet;
  const added = server.addNode(lamp());
  await service.waitFor('addnode', ({ address }) => address === 'lamp1');
  broker().aedes.authorizeForward = authorizeForward;
  broker().dropAll();
  expect(await added).toBeInstanceOf(Lamp);
});

test('start waits for a broker that is down, and can be stopped meanwhile', async () => {
  const { server, service, start } = await prepare();
  await broker().pause();
  const started = start();
  await broker().resume();
  await started;
  expect(service.record.nodes).toHaveProperty('controller');
  await server.stop();

  const other = await prepare();
  await broker().pause();
  const never = other.start();
  await other.server.stop();
  await never;
  await broker().resume();
});

test('being turned away is an error that says so', async () => {
  const { service, server } = await prepare();
  const foreign = await testAuthority();
  const { cert, key } = await foreign.issue('stranger');
  const answers: Record<string, [number, unknown]> = {
    '/stranger': [200, { ...service.start, iotCert: cert, iotPrivateKey: key }],
    '/impostor': [200, { ...service.start, caCert: foreign.caCert }],
    '/broken': [200, { ...service.start, iotPrivateKey: 'not a key' }],
    '/gone': [404, {}],
    '/html': [200, '<html>'],
  };
  const http = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [500, ''];
    response.writeHead(status);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const { host, port } = broker();
  const attempt = (path: string) => fresh().start({ pgUrl: base + path, host, port });
  await expect(attempt('/impostor')).rejects.toEqual(code('CONNECTION_REFUSED'));
  await expect(attempt('/broken')).rejects.toEqual(code('CERTIFICATES_UNREADABLE'));
  await expect(attempt('/gone')).rejects.toEqual(code('PGURL_REFUSED'));
  await expect(attempt('/html')).rejects.toEqual(code('PGURL_BAD_ANSWER'));

  // A refused client certificate looks like a broken connection: it is tried again, and the log says why.
  server.log.level = 'warning';
  const written = vi.spyOn(console, 'error').mockImplementation(() => {});
  const told = new Promise<LogRecord>((resolve) => server.log.once('record', resolve));
  const waiting = server.start({ pgUrl: `${base}/stranger`, host, port });
  expect((await told).message).toContain('closed the connection before it was accepted');
  await server.stop();
  await waiting;
  written.mockRestore();

  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
  await expect(attempt('/gone')).rejects.toEqual(code('PGURL_UNREACHABLE'));
});

test('a configuration that cannot work is an error that says what to do', async () => {
  const { service } = await prepare();
  await expect(fresh().start({ env: {} })).rejects.toEqual(code('NOT_CONFIGURED'));
  await expect(fresh().start({ env: { NODESERVER: '{', MQTTENDPOINT: 'x' } })).rejects.toEqual(
    code('NOT_CONFIGURED'),
  );
  await expect(
    fresh().start({ env: { NODESERVER: '{}', MQTTENDPOINT: 'x' }, folder: '/nonexistent/nodeserver' }),
  ).rejects.toEqual(code('CERTIFICATES_UNREADABLE'));
  await expect(fresh().start({ pgUrl: 'not a url' })).rejects.toEqual(code('NOT_CONFIGURED'));
  expect(() => fresh().record).toThrow(code('NOT_STARTED'));
  await expect(fresh().customData.merge({ a: 1 })).rejects.toEqual(code('NOT_STARTED'));
  expect(service.seen('connected')).toEqual([]);
});

test('a broker that refuses the topic is named', async () => {
  const { start } = await prepare();
  const { authorizeSubscribe } = broker().aedes;
  broker().aedes.authorizeSubscribe = (_client, _subscription, done) => done(null, null);
  await expect(start()).rejects.toEqual(code('SUBSCRIBE_REFUSED'));
  broker().aedes.authorizeSubscribe = authorizeSubscribe;
});
