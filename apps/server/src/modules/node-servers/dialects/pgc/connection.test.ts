import type { NodeServer } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, nextEvent, registerLocal } from '../../../../testing/node-servers.js';
import { lastingPlace, startService, type TestService } from '../../../../testing/service.js';
import { untilNodeServer } from '../../../../testing/waiting.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const show = (id: string): Promise<NodeServer> => service.call('GET', `/api/node-servers/${id}`);
const gone = (id: string): Promise<NodeServer> => untilNodeServer(service, id, ({ connected }) => !connected);

describe('a worker that comes and goes', () => {
  test('is connected from its word on, and its controller node says so', async () => {
    const nodeServer = await registerLocal(service);
    const silent = await connectWorker(service, nodeServer, { announce: false });
    expect(await show(nodeServer.id)).toMatchObject({ connected: false, timeStarted: null });
    expect(silent.record.firstRun).toBe(true);
    await silent.connected(true);
    expect(await show(nodeServer.id)).toMatchObject({
      connected: true,
      state: 'connected',
      timeStarted: expect.any(String),
    });
    await silent.addController();
    await silent.stop();
    const away = await gone(nodeServer.id);
    expect(away).toMatchObject({ state: 'stopped', lastDisconnect: expect.any(String) });
    const off = await untilNodeServer(
      service,
      nodeServer.id,
      ({ nodes }) => nodes.controller?.drivers.ST?.value === 0,
    );
    expect(off.connected).toBe(false);
    const again = await connectWorker(service, nodeServer);
    expect(again.record.firstRun).toBe(false);
    // The number stays a number: old modules compare with what they sent.
    expect((await show(nodeServer.id)).nodes.controller?.drivers.ST?.value).toBe(1);
    await again.stop();
  });

  test('a connection that breaks is noted by its last will', async () => {
    const nodeServer = await registerLocal(service);
    const worker = await connectWorker(service, nodeServer);
    await worker.kill();
    await gone(nodeServer.id);
  });

  test('one that ends without a good-bye or a will is noted too', async () => {
    const nodeServer = await registerLocal(service);
    const worker = await connectWorker(service, nodeServer);
    await worker.client.endAsync();
    await gone(nodeServer.id);
  });

  test('the will of an old connection does not end the new one', async () => {
    const nodeServer = await registerLocal(service);
    const old = await connectWorker(service, nodeServer, { clientId: 'old' });
    const fresh = await connectWorker(service, nodeServer, { clientId: 'fresh' });
    const seen: unknown[] = [];
    const end = service.app.events.on(`nodeServers/${nodeServer.id}`, ({ payload }) => {
      seen.push(payload.connected);
    });
    const { broker } = service.app.mqtt;
    const before = broker?.clients() ?? 0;
    await old.kill();
    // Asks until the broker has noticed.
    while (broker?.clients() === before) await fresh.customData({});
    await fresh.customData({});
    expect(await show(nodeServer.id)).toMatchObject({ connected: true, state: 'connected' });
    expect(seen.filter((connected) => connected === false)).toEqual([]);
    await fresh.connected(false);
    await gone(nodeServer.id);
    end();
    await fresh.client.endAsync();
  });

  test('two connections with one client id: the second takes over and stays', async () => {
    const nodeServer = await registerLocal(service);
    const first = await connectWorker(service, nodeServer);
    const second = await connectWorker(service, nodeServer);
    await first.closed;
    const from = second.mark();
    await second.customParams({ second: true });
    const config = await second.waitForConfig(
      ({ customParams }) => customParams.second === true,
      undefined,
      from,
    );
    expect(config.connected).toBe(true);
    expect(await show(nodeServer.id)).toMatchObject({ connected: true, state: 'connected' });
    await second.stop();
  });

  test('what changed while it was away comes in a config when it is back', async () => {
    const nodeServer = await registerLocal(service);
    const path = `/api/node-servers/${nodeServer.id}/custom-params`;
    const worker = await connectWorker(service, nodeServer);
    await worker.stop();
    await gone(nodeServer.id);
    const back = await connectWorker(service, nodeServer, { announce: false });
    await service.call('PUT', path, { body: { changed: 'meanwhile' } });
    expect(back.messages).toEqual([]);
    await back.connected(true);
    const config = await back.waitForConfig(() => true);
    expect(config.customParams).toEqual({ changed: 'meanwhile' });
    await back.stop();
  });

  test('one that is being deleted does not come back to life by a word', async () => {
    const nodeServer = await registerLocal(service);
    const worker = await connectWorker(service, nodeServer, { announce: false });
    await service.app.database.pool.query("UPDATE node_servers SET state = 'deleting' WHERE id = $1", [
      nodeServer.id,
    ]);
    await worker.connected(true);
    expect(await show(nodeServer.id)).toMatchObject({ state: 'deleting', connected: false });
    await worker.stop();
  });
});

describe('rights on the broker', () => {
  test('a worker hears its own topic alone, and writes as nobody else', async () => {
    const [mine, theirs] = await Promise.all([registerLocal(service), registerLocal(service)]);
    const worker = await connectWorker(service, mine);
    const victim = await connectWorker(service, theirs);
    for (const filter of ['#', 'prod/#', 'prod/ns/+', `prod/ns/${theirs.worker}`, 'prod/ns', '$SYS/#'])
      await worker.client.subscribeAsync(filter, { qos: 1 }).catch(() => undefined);
    const before = victim.mark();
    await worker.raw(`prod/ns/${theirs.worker}`, '{"stop":""}');
    await worker.raw(`prod/frontend/${mine.id}/logs/${theirs.worker}`, '{"message":"forged"}');
    const from = worker.mark();
    await victim.customParams({ secret: 'of the victim' });
    await victim.waitForConfig(({ customParams }) => 'secret' in customParams, undefined, before);
    await worker.config();
    expect(victim.messages.slice(before).every(({ message }) => message.stop === undefined)).toBe(true);
    for (const { topic } of worker.messages.slice(from)) expect(topic).toBe(`prod/ns/${mine.worker}`);
    expect(JSON.stringify(worker.messages)).not.toContain('of the victim');
    await Promise.all([worker.stop(), victim.stop()]);
  });
});

test('after a restart of the service values are what they were, and the worker’s connection is not taken for alive', async () => {
  const place = await lastingPlace();
  const first = await startService(place.env);
  const nodeServer = await registerLocal(first);
  const worker = await connectWorker(first, nodeServer);
  await worker.addController();
  const drivers = { ST: 1, GV0: '1.0', GV1: 1.25, GV2: '', GV3: -0.5, GV4: '1e3', GV5: 1e21, GV6: '0007' };
  for (const [driver, value] of Object.entries(drivers))
    await worker.status('controller', driver, value, '56');
  await worker.customData({ token: 'kept' });
  await first.close();
  await worker.closed;
  const second = await startService(place.env);
  // As after a crash: nobody noted that the worker went.
  await second.app.database.pool.query('UPDATE node_servers SET connected = true');
  await second.close();
  const third = await startService(place.env);
  const shown = await third.call<NodeServer>('GET', `/api/node-servers/${nodeServer.id}`);
  expect(shown.connected).toBe(false);
  const back = await connectWorker(third, shown);
  const values = Object.fromEntries(
    Object.entries(back.record.nodes.controller?.drivers ?? {}).map(([driver, { value }]) => [driver, value]),
  );
  // The record was read before the worker said that it is there.
  expect(values).toEqual({ ...drivers, ST: 0 });
  expect(back.record.customData).toEqual({ token: 'kept' });
  expect((await third.call<NodeServer>('GET', `/api/node-servers/${nodeServer.id}`)).connected).toBe(true);
  const changed = nextEvent(third, `nodeServers/${nodeServer.id}/nodes/controller/drivers/GV1`);
  await back.status('controller', 'GV1', 2, '56');
  await changed;
  await back.stop();
  await third.close();
  await place.remove();
});
