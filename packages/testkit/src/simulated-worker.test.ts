import type { NodeServerRecord, WorkerStart } from '@polyrelay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Inbox } from './inbox.js';
import { mutualTlsBroker, type TestBroker } from './mutual-tls-broker.js';
import { simulatedWorker } from './simulated-worker.js';
import { pgcSession } from './vectors.js';

let broker: TestBroker;
let start: WorkerStart;
const requests = new Inbox<Record<string, unknown>>();

beforeAll(async () => {
  broker = await mutualTlsBroker();
  const { cert, key } = await broker.authority.issue('worker1');
  const record = { id: '00:00:00:00:00:01', profileNum: '1', userId: 'user1', worker: 'worker1' };
  start = {
    nodeServer: record as NodeServerRecord,
    iotHost: 'localhost',
    stage: 'test',
    iotCert: cert,
    iotPrivateKey: key,
    caCert: broker.authority.caCert,
  };
  broker.aedes.subscribe(
    'test/ns',
    (packet, done) => {
      requests.put(packet.topic, JSON.parse(packet.payload.toString()) as Record<string, unknown>);
      done();
    },
    () => {},
  );
});
afterAll(() => broker.close());

test('connects with its certificate, speaks in the envelope, hears its topic, leaves on stop', async () => {
  const from = requests.mark();
  const worker = await simulatedWorker({ start, host: broker.host, port: broker.port });
  const { message } = await requests.waitFor((request) => request.connected === true, undefined, from);
  expect(message).toEqual({
    connected: true,
    userId: 'user1',
    topic: 'test/ns/worker1',
    profileNum: '1',
    id: '00:00:00:00:00:01',
  });

  const added = worker.addController();
  await requests.waitFor((request) => 'addnode' in request, undefined, from);
  const say = (keys: object) =>
    broker.aedes.publish(
      {
        cmd: 'publish',
        topic: 'test/ns/worker1',
        payload: JSON.stringify(keys),
        qos: 1,
        retain: false,
        dup: false,
      },
      () => {},
    );
  say({ result: { addnode: { success: true, address: 'controller' } } });
  expect((await added).result).toEqual({ addnode: { success: true, address: 'controller' } });

  say({ stop: '' });
  await worker.closed;
  await requests.waitFor((request) => request.connected === false, undefined, from);
});

test('a killed worker leaves its last will', async () => {
  const from = requests.mark();
  const worker = await simulatedWorker({ start, host: broker.host, port: broker.port });
  await worker.kill();
  const { message } = await requests.waitFor((request) => request.connected === false, undefined, from);
  expect(message.topic).toBe('test/ns/worker1');
});

test('a client without certificate is turned away', async () => {
  const bare = { ...start, iotCert: '', iotPrivateKey: '' };
  await expect(simulatedWorker({ start: bare, host: broker.host, port: broker.port })).rejects.toThrow();
});

test('waitFor names what came instead', async () => {
  const inbox = new Inbox<Record<string, unknown>>();
  inbox.put('t', { config: {} });
  await expect(inbox.waitFor((message) => 'result' in message, 10)).rejects.toThrow(
    'within 10 ms; came: config',
  );
});

test('the recorded session is whole', () => {
  const session = pgcSession();
  expect(session).toHaveLength(36);
  expect(session[0]?.payload).toMatchObject({ connected: true, profileNum: '1' });
  expect(session.at(-1)?.payload).toMatchObject({ connected: false });
});
