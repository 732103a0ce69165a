import { deflateSync } from 'node:zlib';
import type { NodeServer, NodeServerRecord, WorkerMessage } from '@polyrelay/contract';
import { pgcSession, type SimulatedWorker } from '@polyrelay/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, registerLocal } from '../../../../testing/node-servers.js';
import { startService, type TestService } from '../../../../testing/service.js';
import { logLine, untilNodeServer } from '../../../../testing/waiting.js';

const TO_WORKER = 'test/ns/worker1';
const OAUTH = {
  url: 'https://provider.invalid/auth?client_id=c&state=',
  clientId: 'c',
  clientSecret: 's',
};

type Payload = Record<string, unknown>;

const session = pgcSession();
const answersOf = (key: keyof WorkerMessage): WorkerMessage[] =>
  session
    .filter(
      ({ topic, payload }) =>
        topic === TO_WORKER && typeof payload === 'object' && Object.hasOwn(payload, key),
    )
    .map(({ payload }) => payload as WorkerMessage);

/** What a worker compares with: the values of its drivers. */
const valuesOf = ({ nodes }: NodeServerRecord): Record<string, unknown> =>
  Object.fromEntries(Object.entries(nodes).map(([address, { drivers }]) => [address, drivers]));

/** Places where the recorded answer has something that ours lacks, or has in another type. */
function missing(recorded: unknown, ours: unknown, path: string): string[] {
  if (typeof recorded !== typeof ours) return [`${path}: ${typeof ours} instead of ${typeof recorded}`];
  if (typeof recorded !== 'object' || recorded === null) return [];
  return Object.entries(recorded).flatMap(([key, value]) =>
    Object.hasOwn(ours as object, key)
      ? missing(value, (ours as Payload)[key], `${path}.${key}`)
      : [`${path}.${key} is not there`],
  );
}

let service: TestService;
let nodeServer: NodeServer;
let worker: SimulatedWorker;

/** Sends every message of the recorded worker, each when the answers to the ones before have come. */
beforeAll(async () => {
  service = await startService({ STAGE: 'test' });
  const serverJson = { name: 'Template', type: 'python3', executable: 'template.py' };
  nodeServer = await registerLocal(service, { slot: 1, oauth: OAUTH, serverJson });
  worker = await connectWorker(service, nodeServer, { announce: false, qos: 0 });
  for (const { topic, payload } of session) {
    if (typeof payload === 'string') continue;
    if (topic !== TO_WORKER) {
      const { userId: _user, topic: _topic, profileNum: _slot, id: _id, ...keys } = payload;
      if (Object.hasOwn(keys, 'connected') && keys.connected === false) break;
      await worker.send(
        JSON.parse(JSON.stringify(keys).replaceAll('worker1', nodeServer.worker)) as Payload,
        topic.slice(5),
      );
    } else if ('result' in payload) {
      await worker.waitFor(({ result }) => JSON.stringify(result) === JSON.stringify(payload.result));
    } else if ('config' in payload) {
      const wanted = JSON.stringify(valuesOf(payload.config as NodeServerRecord));
      // One config tells of several changes when they come quickly: parameters change no value.
      await worker.waitForConfig(
        (config) =>
          JSON.stringify(valuesOf(config)) === wanted &&
          missing(payload.config, config, 'config').length === 0,
      );
    }
  }
});
afterAll(async () => {
  await worker.stop();
  await service.close();
});

describe('the recorded session of the public Python module', () => {
  test('every result is the recorded one, and comes before a config that has the nodes', () => {
    const results = worker.messages.filter(({ message }) => message.result !== undefined);
    expect(results.map(({ message }) => message)).toEqual(answersOf('result'));
    for (const { message } of results) {
      const at = worker.messages.findIndex((received) => received.message === message);
      const added = [message.result?.addnode ?? []].flat().map(({ address }) => address);
      const first = worker.messages.findIndex(
        ({ message: { config } }) =>
          config !== undefined && added.every((address) => address in config.nodes),
      );
      expect(first).toBeGreaterThan(at);
    }
  });

  test('configs have every key of the recorded ones, with the same types', () => {
    const ours = worker.messages.flatMap(({ message }) => message.config ?? []);
    for (const { config } of answersOf('config')) {
      const wanted = JSON.stringify(valuesOf(config as NodeServerRecord));
      const same = ours.findLast((one) => JSON.stringify(valuesOf(one)) === wanted);
      expect(missing(config, same, 'config')).toEqual([]);
    }
  });

  test('the last config holds all that the worker said', async () => {
    const recorded = answersOf('config').at(-1)?.config as NodeServerRecord;
    const config = await worker.config();
    expect(valuesOf(config)).toEqual(valuesOf(recorded));
    expect(config).toMatchObject({
      firstRun: false,
      connected: true,
      shortPoll: 4,
      longPoll: 9,
      customParams: { user: 'demo' },
      customData: { token: 'tok-abc' },
      oauth: OAUTH,
      profileNum: '1',
      worker: nodeServer.worker,
      logBucket: 'none',
    });
    expect(config.notices.auth).toContain(`state=${nodeServer.worker}`);
    for (const [address, node] of Object.entries(config.nodes)) {
      const { timeAdded, timeStarted, ...rest } = recorded.nodes[address] ?? { timeAdded: 0, timeStarted: 0 };
      expect(node).toMatchObject(rest);
    }
  });

  test('commands and queries are the recorded ones', async () => {
    const path = `/api/node-servers/${nodeServer.id}/nodes`;
    const from = worker.mark();
    await service.call('POST', `${path}/controller/commands`, { body: { cmd: 'DISCOVER' }, status: 202 });
    await service.call('POST', `${path}/light1/commands`, {
      body: { cmd: 'DON', value: 40, uom: '51' },
      status: 202,
    });
    await service.call('POST', `${path}/all/query`, { status: 202 });
    await worker.waitFor(({ query }) => query !== undefined, undefined, from);
    const ours = worker.messages.slice(from).map(({ message }) => message);
    const recorded = [...answersOf('command'), ...answersOf('query')];
    expect(ours).toHaveLength(recorded.length);
    ours.forEach((message, i) => {
      expect(message).toMatchObject(recorded[i] ?? {});
    });
  });

  test('a followed log asks the worker for its stream, and shows its file and its lines', async () => {
    const following = logLine(service, nodeServer.id, /live line/);
    const { message } = await worker.waitFor(({ startLogStream }) => startLogStream !== undefined);
    expect(message).toEqual({ startLogStream: { ns: nodeServer.worker }, clientId: expect.any(String) });
    const { userId, worker: id } = worker.record;
    const topic = `test/frontend/${userId}/logs/${id}`;
    await worker.raw(`${topic}/file`, deflateSync('line one of the file\nline two of the file\n'));
    await worker.raw(topic, JSON.stringify({ levelname: 'WARNING', message: 'live line' }));
    expect(await following).toMatchObject({ level: 'warning', stream: 'mqtt', text: 'live line' });
    await logLine(service, nodeServer.id, /line two of the file/);
    await worker.waitFor(({ stopLogStream }) => stopLogStream?.ns === nodeServer.worker);
  });

  test('a stop is the recorded one, and the worker’s good-bye is noted once', async () => {
    const other = await registerLocal(service);
    const leaving = await connectWorker(service, other, { obeyStop: false });
    await service.call('POST', `/api/node-servers/${other.id}/stop`, { status: 202 });
    const { message } = await leaving.waitFor(({ stop }) => stop !== undefined);
    expect(message).toEqual(answersOf('stop')[0]);
    let goodBye = 0;
    const end = service.app.events.on(`nodeServers/${other.id}`, ({ payload }) => {
      if (payload.connected === false) goodBye++;
    });
    await leaving.connected(false);
    await leaving.connected(false);
    await leaving.client.endAsync();
    const shown = await untilNodeServer(service, other.id, ({ connected }) => !connected);
    end();
    expect(goodBye).toBe(1);
    expect(shown).toMatchObject({ state: 'stopped', lastDisconnect: expect.any(String) });
  });
});
