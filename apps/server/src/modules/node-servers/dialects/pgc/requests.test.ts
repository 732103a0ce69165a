import type { NodeServer, NodeServerRecord } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, nextEvent, registerLocal } from '../../../../testing/node-servers.js';
import { startService, type TestService } from '../../../../testing/service.js';
import { eventsBelow, logLine } from '../../../../testing/waiting.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function start() {
  const nodeServer = await registerLocal(service);
  const worker = await connectWorker(service, nodeServer);
  return { nodeServer, worker, path: `/api/node-servers/${nodeServer.id}` };
}

/** Registers without a slot of its own: more than 25 tests share the service. */
async function startWithController() {
  const started = await start();
  await started.worker.addController();
  return started;
}

const show = (path: string): Promise<NodeServer> => service.call<NodeServer>('GET', path);

const driversIn = (config: NodeServerRecord, address: string) => config.nodes[address]?.drivers;

describe('nodes', () => {
  test('a node is added, then known in a config, and updated when it is added again', async () => {
    const { nodeServer, worker, path } = await startWithController();
    const from = worker.mark();
    const answer = await worker.addNode({
      address: 'light1',
      name: 'Light',
      nodedefid: 'light',
      hint: '1.2.3.4',
      drivers: { ST: { value: '0', uom: '51' } },
    });
    expect(answer).toEqual({ result: { addnode: { success: true, address: 'light1' } } });
    const config = await worker.waitForConfig(({ nodes }) => 'light1' in nodes, undefined, from);
    expect(config.nodes.light1).toEqual({
      address: 'light1',
      name: 'Light',
      nodedefid: 'light',
      primary: 'controller',
      isPrimary: false,
      isController: false,
      hint: '1.2.3.4',
      timeAdded: expect.any(Number),
      timeStarted: expect.any(Number),
      drivers: { ST: { value: '0', uom: '51' } },
    });
    await worker.status('light1', 'ST', '75', '51');
    const again = await eventsBelow(service, nodeServer.id, () =>
      worker.addNode({
        address: 'light1',
        name: 'Lamp',
        nodedefid: 'dimmer',
        drivers: { ST: { value: '0', uom: '51' }, GV1: { value: 1, uom: 2 } },
      }),
    );
    expect(again).toContainEqual(['nodes/light1', 'UPDATE']);
    const { nodes, nodeCount } = await show(path);
    expect(nodeCount).toBe(2);
    // The value the service knows is newer than the one a node declares at its start.
    expect(nodes.light1).toMatchObject({
      name: 'Lamp',
      nodedefId: 'dimmer',
      drivers: { ST: { value: '75' }, GV1: { value: 1 } },
    });
    await worker.stop();
  });

  test('drivers come as an object or as a list, and values stay the numbers and strings they were', async () => {
    const { worker, path } = await startWithController();
    const declared = { ST: { value: 1.5, uom: 4 }, GV0: { value: '1.50', uom: '4' } };
    await worker.send({
      addnode: { address: 'object', name: 'o', nodedefid: 'd', primary: 'controller', drivers: declared },
    });
    await worker.send({
      addnode: {
        address: 'list',
        name: 7,
        nodedefid: 'd',
        primary: 'controller',
        drivers: [
          ...Object.entries(declared).map(([driver, one]) => ({ driver, ...one })),
          { driver: 'GV1' },
        ],
      },
    });
    const config = await worker.waitForConfig(({ nodes }) => 'list' in nodes);
    expect(driversIn(config, 'object')).toEqual(declared);
    expect(driversIn(config, 'list')).toEqual({ ...declared, GV1: { value: '0', uom: '0' } });
    expect(config.nodes.list?.name).toBe('7');
    await worker.status('object', 'ST', '1.5', '4');
    await worker.status('object', 'GV0', 1.5, 4);
    const { nodes } = await show(path);
    expect(nodes.object?.drivers).toMatchObject({
      ST: { value: '1.5', uom: '4' },
      GV0: { value: 1.5, uom: 4 },
    });
    await worker.stop();
  });

  test('a node is removed with its drivers, and comes back empty', async () => {
    const { nodeServer, worker, path } = await startWithController();
    await worker.addNode({ address: 'gone', drivers: { ST: { value: '5', uom: '2' } } });
    const from = worker.mark();
    const seen = await eventsBelow(service, nodeServer.id, () => worker.removeNode('gone'));
    expect(seen).toContainEqual(['nodes/gone', 'DELETION']);
    await worker.waitForConfig(({ nodes }) => !('gone' in nodes), undefined, from);
    expect((await show(path)).nodes).not.toHaveProperty('gone');
    await worker.addNode({ address: 'gone', drivers: { ST: { value: '6', uom: '2' } } });
    expect((await show(path)).nodes.gone?.drivers.ST).toMatchObject({ value: '6' });
    await worker.stop();
  });

  test('a batch is answered with one result and one config, and what is wrong in it harms nothing else', async () => {
    // The first that it says: no config of an earlier request is on its way.
    const { nodeServer, worker, path } = await start();
    await worker.send({
      batch: {
        addnode: [
          { address: 'old', name: 'O', nodedefid: 'd', primary: 'controller', drivers: {} },
          { address: 'a1', name: 'A', nodedefid: 'd', primary: 'controller', drivers: {} },
          { address: 'NOT VALID', name: 'B', nodedefid: 'd', primary: 'controller', drivers: {} },
          { address: 'a2', name: 'C', nodedefid: 'd', primary: 'controller', drivers: {} },
        ],
        removenode: [{ address: 'old' }],
        status: [{ address: 'a1', driver: 'ST', value: 3, uom: 2 }],
      },
    });
    await worker.waitForConfig(({ nodes }) => 'a2' in nodes);
    await worker.config();
    const after = worker.messages.map(({ message }) => message);
    expect(after[0]).toEqual({
      result: {
        addnode: [
          { success: true, statusCode: 200, address: 'old' },
          { success: true, statusCode: 200, address: 'a1' },
          { success: true, statusCode: 200, address: 'a2' },
        ],
      },
    });
    // One for the batch; the last one was asked for.
    expect(after.map((message) => Object.keys(message).join())).toEqual(['result', 'config', 'config']);
    const { nodes } = await show(path);
    expect(Object.keys(nodes).sort()).toEqual(['a1', 'a2']);
    expect(nodes.a1?.drivers.ST?.value).toBe(3);
    expect((await logLine(service, nodeServer.id, /batch\.addnode\[2\]/)).text).toContain('1 to 14 of a–z');
    await worker.stop();
  });
});

describe('status', () => {
  test('of a driver that was not declared is stored; of a node nobody added is refused and said', async () => {
    const { nodeServer, worker, path } = await startWithController();
    await worker.status('controller', 'GV9', '12', '56');
    await worker.status('nobody', 'ST', '1', '2');
    await worker.waitForConfig((config) => driversIn(config, 'controller')?.GV9?.value === '12');
    expect((await show(path)).nodes.controller?.drivers.GV9).toMatchObject({ value: '12', uom: '56' });
    const { text, level } = await logLine(service, nodeServer.id, /nobody/);
    expect(text).toContain('there is no such node');
    expect(level).toBe('error');
    await worker.stop();
  });

  test('a config follows every change, soon, and one for all of a burst', async () => {
    const { worker } = await startWithController();
    await worker.config();
    for (const round of ['1', '2', '3', '4']) {
      const from = worker.mark();
      const sent = Date.now();
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => worker.status('controller', `GV${i}`, round, '56')),
      );
      await worker.waitForConfig(
        (config) =>
          Array.from({ length: 20 }, (_, i) => driversIn(config, 'controller')?.[`GV${i}`]?.value).every(
            (value) => value === round,
          ),
        undefined,
        from,
      );
      const configs = worker.messages.slice(from).filter(({ message }) => message.config !== undefined);
      expect(configs.length).toBeLessThanOrEqual(2 + Math.ceil((Date.now() - sent) / 200));
    }
    await worker.stop();
  });

  test('a worker in a storm gets at most 30 configs in ten seconds, and the last values', async () => {
    const { worker } = await startWithController();
    for (let i = 0; i < 1500; i += 50)
      await Promise.all(Array.from({ length: 50 }, (_, k) => worker.status('controller', 'GV1', i + k, 56)));
    await worker.status('controller', 'GV1', 'last', 56);
    await worker.waitForConfig((config) => driversIn(config, 'controller')?.GV1?.value === 'last');
    const times = worker.messages.filter(({ message }) => message.config !== undefined).map(({ at }) => at);
    for (const from of times)
      expect(times.filter((at) => at >= from && at < from + 10_000).length).toBeLessThanOrEqual(30);
    await worker.stop();
  });

  test('a value that did not change is no event, but a config answers it', async () => {
    const { nodeServer, worker } = await startWithController();
    await worker.status('controller', 'GV1', '5', '56');
    await worker.config();
    const from = worker.mark();
    const seen = await eventsBelow(service, nodeServer.id, async () => {
      await worker.status('controller', 'GV1', '5', '56');
      await worker.status('controller', 'GV1', '6', '56');
    });
    expect(seen).toEqual([['nodes/controller/drivers/GV1', 'UPDATE']]);
    await worker.waitForConfig(
      (config) => driversIn(config, 'controller')?.GV1?.value === '6',
      undefined,
      from,
    );
    await worker.stop();
  });
});

describe('order', () => {
  test('add, status and remove in one burst, 200 times, end in what was said last', async () => {
    const { worker, path } = await startWithController();
    const sends: Promise<void>[] = [];
    const add = { name: 'n', nodedefid: 'd', primary: 'controller', drivers: { ST: { value: 0, uom: 2 } } };
    for (let i = 0; i < 200; i++) {
      const address = `n${i % 5}`;
      sends.push(worker.send({ addnode: { address, ...add } }));
      sends.push(worker.status(address, 'ST', i, 2));
      // The last five stay.
      if (i < 195) sends.push(worker.removeNode(address));
    }
    await Promise.all(sends);
    const { nodes } = await show(path);
    const values = Object.entries(nodes).map(([address, { drivers }]) => [address, drivers.ST?.value]);
    expect(values.filter(([address]) => address !== 'controller').sort()).toEqual([
      ['n0', 195],
      ['n1', 196],
      ['n2', 197],
      ['n3', 198],
      ['n4', 199],
    ]);
    const results = worker.messages.flatMap(({ message }) => [message.result?.addnode ?? []].flat());
    expect(results.slice(1).map(({ address }) => address)).toEqual(
      Array.from({ length: 200 }, (_, i) => `n${i % 5}`),
    );
    const log = await service.call<{ text: string }>('GET', `${path}/log`);
    expect(log.text).not.toContain('there is no such node');
    await worker.stop();
  });
});

describe('whole objects', () => {
  test('parameters and data are replaced and answered at once, in order', async () => {
    const { nodeServer, worker, path } = await startWithController();
    const seen = await eventsBelow(service, nodeServer.id, async () => {
      await worker.customParams({ user: 'a', old: true });
      await worker.customParams({ user: 'b', deep: { list: [1, '2', null] } });
      await worker.customData({ token: 'first-secret' });
      await worker.customData({ token: 'second-secret' });
    });
    expect(seen.map(([topic]) => topic)).toEqual([
      'customParams',
      'customParams',
      'customData',
      'customData',
    ]);
    const config = await worker.waitForConfig(({ customData }) => customData.token === 'second-secret');
    expect(config.customParams).toEqual({ user: 'b', deep: { list: [1, '2', null] } });
    const shown = await show(path);
    expect(shown.customParams).toEqual(config.customParams);
    expect(JSON.stringify(shown)).not.toContain('second-secret');
    await worker.stop();
  });

  test('a change that comes while a record is on its way is in the next one', async () => {
    const { worker, path } = await startWithController();
    // Many nodes, so that a record takes its time.
    await worker.batch({ addnode: Array.from({ length: 300 }, (_, i) => ({ address: `n${i}` })) });
    await worker.waitForConfig(({ nodes }) => 'n299' in nodes);
    for (let round = 1; round <= 6; round++) {
      await Promise.all([
        worker.customData({ round }),
        service.call('PUT', `${path}/custom-params`, { body: { round } }),
        worker.notices({ round: `${round}` }),
        service.call('PATCH', path, { body: { name: `round ${round}` } }),
      ]);
      await worker.waitForConfig(
        ({ name, notices, customParams, customData }) =>
          name === `round ${round}` &&
          notices.round === `${round}` &&
          customParams.round === round &&
          customData.round === round,
      );
    }
    await worker.stop();
  });

  test('the user’s parameters reach the worker', async () => {
    const { worker, path } = await start();
    const from = worker.mark();
    await service.call('PUT', `${path}/custom-params`, { body: { city: 'Oslo' } });
    const { customParams } = await worker.waitForConfig(() => true, undefined, from);
    expect(customParams).toEqual({ city: 'Oslo' });
    await worker.stop();
  });

  test('notices are replaced as a whole: what is new is raised, what is missing is removed', async () => {
    const { nodeServer, worker, path } = await start();
    const change = (notices: Record<string, unknown>) =>
      eventsBelow(service, nodeServer.id, () => worker.notices(notices));
    expect(await change({ one: 'first', two: 'second' })).toEqual([
      ['notices/one', 'INSERTION'],
      ['notices/two', 'INSERTION'],
    ]);
    expect(await change({ one: 'first', two: 'changed', 'a/b c': 'third' })).toEqual([
      ['notices/two', 'UPDATE'],
      ['notices/a%2Fb%20c', 'INSERTION'],
    ]);
    expect(await change({ two: 'changed' })).toEqual([
      ['notices/one', 'DELETION'],
      ['notices/a%2Fb%20c', 'DELETION'],
    ]);
    expect(await show(path)).toMatchObject({ notices: { two: 'changed' }, noticeCount: 1 });
    const from = worker.mark();
    await service.call('DELETE', `${path}/notices/two`, { status: 204 });
    expect((await worker.waitForConfig(() => true, undefined, from)).notices).toEqual({});
    await service.call('DELETE', `${path}/notices/two`, { status: 404 });
    await worker.stop();
  });
});

describe('the other commands', () => {
  test('polls come as numbers or numeric strings, and go back as numbers', async () => {
    const { worker, path } = await start();
    await worker.polls('45', ' 450 ');
    expect((await worker.waitFor(({ polls }) => polls !== undefined)).message).toEqual({
      polls: { shortPoll: 45, longPoll: 450 },
    });
    expect(await show(path)).toMatchObject({ shortPoll: 45, longPoll: 450 });
    const from = worker.mark();
    await service.call('PUT', `${path}/polls`, { body: { shortPoll: 5, longPoll: '50' } });
    await worker.waitFor(({ polls }) => polls?.shortPoll === 5 && polls.longPoll === 50, undefined, from);
    expect((await worker.config()).shortPoll).toBe(5);
    await service.call('PUT', `${path}/polls`, { body: { shortPoll: 0, longPoll: 50 }, status: 400 });
    await worker.stop();
  });

  test('a command that a node reports is an event with its value', async () => {
    const { nodeServer, worker } = await startWithController();
    const reported = nextEvent(
      service,
      `nodeServers/${nodeServer.id}/nodes/controller/commands/DON`,
      ({ value, uom }, operation) => value === '40' && uom === 51 && operation === 'INSERTION',
    );
    await worker.reportCommand('controller', 'DON', '40', 51);
    await reported;
    await worker.stop();
  });

  test('a report answers the command that carried its request id', async () => {
    const { worker, path, nodeServer } = await startWithController();
    const { requestId, delivered } = await service.call<{ requestId: string; delivered: boolean }>(
      'POST',
      `${path}/nodes/controller/commands`,
      { body: { cmd: 'RAMP', params: { 'RATE.uom25': '3' } }, status: 202 },
    );
    expect(delivered).toBe(true);
    const { message } = await worker.waitFor(({ command }) => command !== undefined);
    expect(message).toEqual({
      command: { address: 'controller', cmd: 'RAMP', query: { 'RATE.uom25': '3', requestId } },
    });
    const answered = nextEvent(
      service,
      `nodeServers/${nodeServer.id}/reports/${requestId}`,
      ({ success }) => success === false,
    );
    await worker.report(requestId, false);
    await answered;
    await worker.stop();
  });

  test('restart tells a worker that the user runs to end, so that it is started again', async () => {
    const { worker } = await start();
    await worker.restart();
    await worker.waitFor(({ stop }) => stop === '');
    await worker.closed;
  });

  test('several commands in one message are all carried out', async () => {
    const { worker } = await start();
    await worker.send({ customparams: { a: 1 }, notices: { n: 'x' }, customdata: { d: 1 }, config: {} });
    const config = await worker.waitForConfig(({ customData }) => customData.d === 1);
    expect(config).toMatchObject({ customParams: { a: 1 }, notices: { n: 'x' } });
    await worker.stop();
  });
});
