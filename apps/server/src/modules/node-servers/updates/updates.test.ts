import type { DriverHistory, NodeServer } from '@polyrelay/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, registerLocal } from '../../../testing/node-servers.js';
import { lastingPlace, startService, type TestService } from '../../../testing/service.js';
import type { DriverUpdate } from './store.js';
import { wavesOf } from './writer.js';

const update = (address: string, driver: string): DriverUpdate => ({
  nodeServerId: 'n',
  ownerId: 'o',
  address,
  driver,
  value: 1,
  uom: 2,
});

describe('waves', () => {
  test('no driver stands twice in one, and the values of each stay in order', () => {
    const updates = fc.array(
      fc.record({ address: fc.constantFrom('a', 'b', 'c'), driver: fc.constantFrom('ST', 'GV1') }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(updates, (list) => {
        const all = list.map(({ address, driver }) => update(address, driver));
        const key = (i: number): string => `${all[i]?.address}/${all[i]?.driver}`;
        const waves = wavesOf(all);
        for (const wave of waves) expect(new Set(wave.map(key)).size).toBe(wave.length);
        const order = waves.flat();
        expect([...order].sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
        for (const name of new Set(order.map(key))) {
          const places = order.filter((i) => key(i) === name);
          expect(places).toEqual([...places].sort((a, b) => a - b));
        }
      }),
    );
  });
});

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function start() {
  const nodeServer = await registerLocal(service);
  const worker = await connectWorker(service, nodeServer);
  await worker.addController();
  const path = `/api/node-servers/${nodeServer.id}/nodes/controller/drivers`;
  return { nodeServer, worker, path };
}

/** The values of a driver as the event log has them. */
async function recorded(id: string, driver: string, from = service): Promise<unknown[]> {
  const { items } = await from.call<{ items: { payload: { value: unknown } }[] }>(
    'GET',
    `/api/events?after=0&limit=1000&topic=nodeServers/${id}/nodes/controller/drivers/${driver}`,
  );
  return items.map(({ payload }) => payload.value);
}

describe('what is written', () => {
  test('a value that goes up and down within one batch leaves every fact, in order', async () => {
    const { nodeServer, worker, path } = await start();
    const values = ['1', '2', '2', '1', '3', '1'];
    await worker.batch({
      status: values.map((value) => ({ address: 'controller', driver: 'GV1', value, uom: '56' })),
    });
    expect(await recorded(nodeServer.id, 'GV1')).toEqual(['1', '2', '1', '3', '1']);
    await worker.batch({
      status: [
        { address: 'controller', driver: 'GV1', value: '1', uom: '56' },
        // Another unit is a change, and so is another type.
        { address: 'controller', driver: 'GV1', value: '1', uom: '17' },
        { address: 'controller', driver: 'GV1', value: 1, uom: '17' },
      ],
    });
    expect(await recorded(nodeServer.id, 'GV1')).toEqual(['1', '2', '1', '3', '1', '1', 1]);
    expect((await service.call<DriverHistory>('GET', `${path}/GV1/history`)).uom).toBe('17');
    await worker.stop();
  });

  test('numbers are kept as history, whatever type they came in; words are not', async () => {
    const { worker, path } = await start();
    const from = new Date().toISOString();
    for (const value of [1, '2', '-2.5', '.5', '+3.', 'Off', '', '1e3', '0x10', 'NaN', '4'])
      await worker.status('controller', 'GV2', value, '56');
    const to = new Date(Date.now() + 1000).toISOString();
    const history = await service.call<DriverHistory>(
      'GET',
      `${path}/GV2/history?from=${from}&to=${to}&points=2000`,
    );
    expect(history.values).toEqual([1, 2, -2.5, 0.5, 3, 4]);
    expect(history.times).toEqual([...history.times].sort((a, b) => a - b));
    await worker.stop();
  });

  test('thousands of updates of many workers at once are all there', async () => {
    const peers = await Promise.all(Array.from({ length: 4 }, start));
    await Promise.all(
      peers.flatMap(({ worker }, w) =>
        Array.from({ length: 50 }, (_, round) =>
          worker.batch({
            status: Array.from({ length: 20 }, (_, i) => ({
              address: 'controller',
              driver: `GV${i}`,
              value: w * 1000 + round,
              uom: 56,
            })),
          }),
        ),
      ),
    );
    for (const [w, { nodeServer, worker }] of peers.entries()) {
      const { nodes } = await service.call<NodeServer>('GET', `/api/node-servers/${nodeServer.id}`);
      for (let i = 0; i < 20; i++) expect(nodes.controller?.drivers[`GV${i}`]?.value).toBe(w * 1000 + 49);
      expect(await recorded(nodeServer.id, 'GV0')).toEqual(
        Array.from({ length: 50 }, (_, round) => w * 1000 + round),
      );
      await worker.stop();
    }
  });
});

describe('history', () => {
  const START = Date.parse('2026-01-01T00:00:00Z');
  const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

  /** A driver with one sample a second for 1,000 seconds: 0, 1, 2 … */
  async function withSamples() {
    const started = await start();
    await started.worker.status('controller', 'GV3', 'none', '56');
    await service.app.database.pool.query(
      `INSERT INTO driver_samples (driver_id, at, value)
       SELECT d.id, $2::timestamptz + make_interval(secs => s), s
       FROM drivers d, generate_series(0, 999) s WHERE d.node_server_id = $1 AND d.driver = 'GV3'`,
      [started.nodeServer.id, at(0)],
    );
    const read = (query: string) =>
      service.call<DriverHistory>('GET', `${started.path}/GV3/history?${query}`);
    return { ...started, read };
  }

  test('begins with the value that held, ends before “to”', async () => {
    const { worker, read } = await withSamples();
    const { times, values } = await read(`from=${at(99.5)}&to=${at(103)}`);
    expect(values).toEqual([99, 100, 101, 102]);
    expect(times).toEqual([99.5, 100, 101, 102].map((seconds) => START + seconds * 1000));
    expect((await read(`from=${at(-60)}&to=${at(2)}`)).values).toEqual([0, 1]);
    expect((await read(`from=${at(5000)}&to=${at(6000)}`)).values).toEqual([999]);
    expect(await read(`from=${at(10)}&to=${at(10)}`)).toEqual({ times: [], values: [], uom: '56' });
    await worker.stop();
  });

  test('is thinned evenly to the points that were asked for, the last value of each part', async () => {
    const { worker, read } = await withSamples();
    const { values } = await read(`from=${at(0)}&to=${at(1000)}&points=10`);
    expect(values).toEqual([99, 199, 299, 399, 499, 599, 699, 799, 899, 999]);
    expect((await read(`from=${at(0)}&to=${at(1000)}&points=2000`)).values).toHaveLength(1000);
    await worker.stop();
  });

  test('says what is wrong with a question', async () => {
    const { worker, path } = await start();
    await service.call('GET', `${path}/GV29/history`, { status: 404 });
    await service.call('GET', `${path}/ST/history?points=1`, { status: 400 });
    await service.call('GET', `${path}/ST/history?from=yesterday`, { status: 400 });
    await worker.stop();
  });
});

test('two services on one database write to the same drivers and tell of the same facts in the same order', async () => {
  const place = await lastingPlace();
  const first = await startService(place.env);
  const second = await startService(place.env);
  const both = [first, second];
  const nodeServer = await registerLocal(first);
  const seen = both.map((one) => {
    const ids: number[] = [];
    one.app.events.on(`nodeServers/${nodeServer.id}/nodes/#`, ({ id }) => void ids.push(id));
    return ids;
  });
  const workers = await Promise.all(
    both.map((one, i) =>
      connectWorker(one, { ...nodeServer, pgUrl: nodeServer.pgUrl }, { clientId: `worker ${i}` }),
    ),
  );
  await workers[0]?.addController();
  await Promise.all(
    workers.flatMap((worker, w) =>
      Array.from({ length: 100 }, (_, i) =>
        worker.batch({
          // In opposite orders, so that they lock the rows against each other.
          status: (w === 0 ? ['GV1', 'GV2', 'GV3'] : ['GV3', 'GV2', 'GV1']).map((driver) => ({
            address: 'controller',
            driver,
            value: `${w}-${i}`,
            uom: 56,
          })),
        }),
      ),
    ),
  );
  const last = new Promise<void>((resolve) => {
    let open = both.length;
    for (const one of both) {
      const end = one.app.events.on(`nodeServers/${nodeServer.id}/nodes/controller/drivers/GV9`, () => {
        end();
        open--;
        if (open === 0) resolve();
      });
    }
  });
  await workers[1]?.status('controller', 'GV9', 'end', 56);
  await last;
  expect(seen[0]).toEqual(seen[1]);
  expect(seen[0]).toEqual([...(seen[0] ?? [])].sort((a, b) => a - b));
  const { nodes } = await first.call<NodeServer>('GET', `/api/node-servers/${nodeServer.id}`);
  for (const driver of ['GV1', 'GV2', 'GV3']) {
    const facts = await recorded(nodeServer.id, driver, second);
    // Every value differs from the one before: none was lost, and the last one stands.
    expect(facts).toHaveLength(200);
    expect(nodes.controller?.drivers[driver]?.value).toBe(facts.at(-1));
  }
  await Promise.all(workers.map((worker) => worker.stop()));
  await second.close();
  await first.close();
  await place.remove();
});
