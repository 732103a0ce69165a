import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { NodeServer, User, WorkerStart } from '@polyrelay/contract';
import { fetchWorkerStart, testAuthority } from '@polyrelay/testkit';
import fc from 'fast-check';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkTo } from '../../testing/database-link.js';
import { connectMqtts, established } from '../../testing/mqtt-connect.js';
import { connectWorker, registerLocal } from '../../testing/node-servers.js';
import { newDatabase, startService, type TestService } from '../../testing/service.js';
import { MAX_PAYLOAD_BYTES } from './types.js';

let service: TestService;
let nodeServer: NodeServer;
let start: WorkerStart;
beforeAll(async () => {
  service = await startService();
  nodeServer = await registerLocal(service);
  start = await fetchWorkerStart(nodeServer.pgUrl);
});
afterAll(() => service.close());

const tlsOptions = (of: Partial<WorkerStart>) => ({
  host: '127.0.0.1',
  port: service.mqttPort,
  ca: start.caCert ?? '',
  ...(of.iotCert === undefined ? {} : { cert: of.iotCert, key: of.iotPrivateKey ?? '' }),
});

/** Connects a client of our own making; fails with the broker’s answer. */
const connect = (of: Partial<WorkerStart>, options: IClientOptions = {}): Promise<MqttClient> =>
  connectMqtts({ ...tlsOptions(of), ...options });

/** The next event of a client, with what it carries. */
const heard = (client: MqttClient, event: 'close' | 'message'): Promise<unknown[]> =>
  new Promise((resolve) => client.once(event, (...given: unknown[]) => resolve(given)));

/** The first line of a worker’s log that matches, from now on. */
const logged = (of: { id: string }, pattern: RegExp): Promise<string> =>
  new Promise((resolve) => {
    const { signals } = service.app.nodeServers;
    const look = ({ nodeServerId, text }: { nodeServerId: string; text: string }): void => {
      if (nodeServerId !== of.id || !pattern.test(text)) return;
      signals.off('diagnostic', look);
      resolve(text);
    };
    signals.on('diagnostic', look);
  });

describe('who may connect', () => {
  test('a worker with its certificate', async () => {
    const client = await connect(start);
    await client.endAsync();
  });

  test('nobody without one, or with one of another CA', async () => {
    await expect(connect({})).rejects.toThrow();
    const foreign = await (await testAuthority()).issue(start.nodeServer.worker);
    await expect(connect({ iotCert: foreign.cert, iotPrivateKey: foreign.key })).rejects.toThrow();
    const { worker } = start.nodeServer;
    await expect(connect({}, { username: worker, password: 'x', clientId: worker })).rejects.toThrow();
  });

  test('nobody with a certificate of a name that is unknown, or was deleted', async () => {
    for (const name of ['polyrelay', 'nobody', '']) {
      const { certificate, privateKey } = await service.app.authority.issueClient(name);
      const stranger = { iotCert: certificate, iotPrivateKey: privateKey };
      await expect(connect(stranger)).rejects.toThrow('Not authorized');
    }
    const other = await registerLocal(service);
    const otherStart = await fetchWorkerStart(other.pgUrl);
    const worker = await connect(otherStart);
    const closed = heard(worker, 'close');
    const gone = new Promise<void>((resolve) => {
      service.app.events.on(`nodeServers/${other.id}`, ({ operation }) => {
        if (operation === 'DELETION') resolve();
      });
    });
    await service.call('DELETE', `/api/node-servers/${other.id}`, { status: 202 });
    await Promise.all([closed, gone]);
    await expect(connect(otherStart)).rejects.toThrow('Not authorized');
  });
});

describe('workers against each other', () => {
  test('nothing of one reaches another, whatever they subscribe, publish, leave behind or call themselves', async () => {
    const servers = await Promise.all(Array.from({ length: 8 }, () => registerLocal(service)));
    const starts = await Promise.all(servers.map(({ pgUrl }) => fetchWorkerStart(pgUrl)));
    const workers = starts.map(({ nodeServer: { worker } }) => worker);
    const topic = (worker: string | undefined): string => `prod/ns/${worker}`;
    const received: { at: string; topic: string; payload: string }[] = [];
    const clients = await Promise.all(
      starts.map(async (own, i) => {
        const neighbour = workers[(i + 1) % workers.length];
        const client = await connect(own, {
          // The client id of others, as they say it or as the broker might keep it: nobody is thrown out by that.
          clientId: i % 2 === 0 ? 'same' : `worker/${neighbour}:same`,
          will: { topic: topic(neighbour), payload: Buffer.from(`will of ${i}`), qos: 1, retain: true },
        });
        client.on('message', (on, payload) =>
          received.push({ at: workers[i] ?? '', topic: on, payload: payload.toString() }),
        );
        return client;
      }),
    );
    const attacks = clients.map(async (client, i) => {
      const others = workers.filter((_, k) => k !== i);
      const filters = [
        '#',
        '+/#',
        '+/+/+',
        'prod/ns/+',
        'prod/ns/#',
        'prod/ns',
        'prod/isy',
        '$SYS/#',
        '$SYS/+/clients/connected',
        '$refused',
        `${topic(workers[i])}/#`,
        `$share/all/${topic(others[0])}`,
        ...others.map(topic),
      ];
      for (const filter of filters) {
        const [granted] = await client.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }]);
        expect(granted?.qos ?? 128, filter).toBe(128);
      }
      expect((await client.subscribeAsync(topic(workers[i]), { qos: 1 }))[0]?.qos).toBe(1);
      for (const on of [...others.map(topic), topic(workers[i]), 'prod', '$SYS/x', 'prod/ns/x/y', 'test/ns'])
        for (const retain of [false, true])
          await client.publishAsync(on, `from ${i} on ${on}`, { qos: 1, retain });
    });
    await Promise.all(attacks);
    // All are still there: nobody was thrown out, and a refusal costs no connection.
    expect(clients.map(({ connected }) => connected)).toEqual(clients.map(() => true));

    // Half of them break off and leave their wills, the others hear what comes.
    const [leaving, staying] = [clients.slice(0, 4), clients.slice(4)];
    await Promise.all(
      leaving.map((client, i) => {
        const will = logged(servers[i] as NodeServer, /may not publish/);
        client.stream.destroy();
        return will;
      }),
    );
    // Who comes later gets nothing that was kept.
    const late = await connect(starts[0] as WorkerStart);
    late.on('message', (on, payload) =>
      received.push({ at: workers[0] ?? '', topic: on, payload: payload.toString() }),
    );
    await late.subscribeAsync(topic(workers[0]), { qos: 1 });

    const marked = [late, ...staying].map((client) => heard(client, 'message'));
    for (const i of [0, 4, 5, 6, 7]) await service.app.mqtt.publish(topic(workers[i]), `marker ${i}`);
    await Promise.all(marked);
    expect(received.toSorted((a, b) => a.payload.localeCompare(b.payload))).toEqual(
      [0, 4, 5, 6, 7].map((i) => ({ at: workers[i], topic: topic(workers[i]), payload: `marker ${i}` })),
    );
    await Promise.all([late, ...staying].map((client) => client.endAsync()));
  });

  test('what was refused stands in the audit log, once a minute', async () => {
    const own = await registerLocal(service);
    const client = await connect(await fetchWorkerStart(own.pgUrl));
    const line = logged(own, /Refused/);
    for (let i = 0; i < 3; i++) await client.publishAsync('prod/ns/somebody', 'x', { qos: 1 });
    expect(await line).toContain('this worker may not publish on prod/ns/somebody');
    await client.endAsync();
    const rows = async () =>
      service.app.database.prisma.auditEntry.findMany({ where: { actor: { endsWith: own.worker } } });
    while ((await rows()).length === 0);
    expect(await rows()).toMatchObject([{ action: 'message.refused', target: 'Test' }]);
  });
});

describe('limits', () => {
  const remainingLength = (length: number): number[] => {
    const bytes: number[] = [];
    for (let left = length; left > 0 || bytes.length === 0; left = left >> 7)
      bytes.push((left & 127) | (left > 127 ? 128 : 0));
    return bytes;
  };

  async function rawTls(): Promise<TLSSocket> {
    const socket = connectTls({ ...tlsOptions(start), servername: start.iotHost });
    await once(socket, 'secureConnect');
    return socket.on('error', () => undefined).resume();
  }

  test('before CONNECT nobody makes the broker hold more than 64 KiB', async () => {
    const socket = await rawTls();
    socket.write(Buffer.from([0x10, ...remainingLength(64 * 1024 + 1)]));
    await once(socket, 'close');
  });

  test('a payload of 1 MiB is taken; a larger one is refused, said in the log, and the connection kept', async () => {
    const client = await connect(start);
    const topic = `prod/frontend/${start.nodeServer.userId}/logs/${start.nodeServer.worker}`;
    const taken = new Promise<string>((resolve) =>
      service.app.nodeServers.signals.once('logRecords', ({ records }) => resolve(records[0]?.text ?? '')),
    );
    await client.publishAsync(topic, 'x'.repeat(MAX_PAYLOAD_BYTES), { qos: 1 });
    expect(await taken).toHaveLength(MAX_PAYLOAD_BYTES);
    const refused = logged(nodeServer, /Refused/);
    await client.publishAsync(topic, 'y'.repeat(MAX_PAYLOAD_BYTES + 1), { qos: 1 });
    expect(await refused).toContain(`sent ${MAX_PAYLOAD_BYTES + 1} bytes on ${topic}`);
    expect(client.connected).toBe(true);
    await client.endAsync();
  });

  test('a packet of more than 4 MiB ends the connection before it is taken in', async () => {
    const client = await connect(start);
    const closed = heard(client, 'close');
    client.stream.write(Buffer.from([0x30, ...remainingLength(4 * MAX_PAYLOAD_BYTES + 1)]));
    await closed;
  });
});

describe('over WebSocket', () => {
  let token: string;
  let user: User;
  beforeAll(async () => {
    ({ token } = await service.call<{ token: string }>('POST', '/api/access-tokens', {
      body: { name: 'mqtt' },
      status: 201,
    }));
    ({ user } = await service.call<{ user: User }>('GET', '/api/session'));
  });

  async function connectUser(username: string, password: string): Promise<MqttClient> {
    const url = `${service.url.replace('http', 'ws')}/mqtt`;
    const client = mqtt.connect(url, { protocolVersion: 4, reconnectPeriod: 0, username, password });
    await established(client);
    return client;
  }

  test('a person reads the log of their workers with e-mail and access token', async () => {
    const client = await connectUser(user.email, token);
    await client.subscribeAsync(`prod/frontend/${user.id}/logs/+`, { qos: 1 });
    const worker = await connect(start);
    const arrived = heard(client, 'message');
    const topic = `prod/frontend/${user.id}/logs/${start.nodeServer.worker}`;
    await worker.publishAsync(topic, 'a line', { qos: 1 });
    const [on, payload] = (await arrived) as [string, Buffer];
    expect([on, payload.toString()]).toEqual([topic, 'a line']);
    await Promise.all([client.endAsync(), worker.endAsync()]);
  });

  test('nothing else: no other topics, no other people’s, and no publishing', async () => {
    const client = await connectUser(user.email, token);
    for (const filter of [
      '#',
      'prod/#',
      'prod/ns/+',
      'prod/frontend/+/logs/+',
      'prod/frontend/0/logs/x',
      '$SYS/#',
    ]) {
      const [granted] = await client.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }]);
      expect(granted?.qos ?? 128, filter).toBe(128);
    }
    const worker = await connectWorker(service, nodeServer);
    const before = worker.mark();
    await client.publishAsync(`prod/ns/${nodeServer.worker}`, '{"stop":""}', { qos: 1 });
    await client.publishAsync('prod/ns', '{}', { qos: 1 });
    await worker.config();
    expect(worker.messages.slice(before).some(({ message }) => 'stop' in message)).toBe(false);
    await Promise.all([client.endAsync(), worker.stop()]);
  });

  test('nobody without both', async () => {
    await expect(connectUser(user.email, 'wrong')).rejects.toThrow('Not authorized');
    await expect(connectUser('other@example.org', token)).rejects.toThrow('Not authorized');
    // The identity of a worker is its certificate alone.
    await expect(connectUser(nodeServer.worker, '')).rejects.toThrow('Not authorized');
  });
});

test('broken frames end their own connection at the most', async () => {
  const bystander = await connectWorker(service, nodeServer);
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  const packet = (head: number, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([head, body.length]), body]);
  };
  const hello = packet(0x10, text('MQTT'), Buffer.from([4, 2, 0, 0]), text('x'));
  const whole = [
    hello,
    packet(0x82, Buffer.from([0, 1]), text('prod/ns'), Buffer.from([1])),
    packet(0x32, text('prod/ns'), Buffer.from([0, 2]), Buffer.from('{"connected":true}')),
    packet(0x34, text('prod/isy'), Buffer.from([0, 3]), Buffer.from('{}')),
    packet(0xa2, Buffer.from([0, 4]), text('a/b')),
    packet(0x62, Buffer.from([0, 3])),
    packet(0xc0),
    packet(0xe0),
  ];
  const random = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
  const damaged = fc
    .tuple(fc.constantFrom(...whole), fc.nat(), fc.nat(255), fc.nat())
    .map(([bytes, at, value, cut]) => {
      const copy = Buffer.from(bytes);
      copy[at % copy.length] = value;
      return copy.subarray(0, 1 + (cut % copy.length));
    });
  const frames = fc.array(fc.oneof(random, damaged, fc.constantFrom(...whole)), {
    minLength: 1,
    maxLength: 6,
  });
  const other = await fetchWorkerStart((await registerLocal(service)).pgUrl);
  await fc.assert(
    fc.asyncProperty(frames, fc.boolean(), async (sent, signedIn) => {
      const socket = connectTls({ ...tlsOptions(other), servername: start.iotHost });
      socket.on('error', () => undefined).resume();
      await once(socket, 'secureConnect');
      const closed = once(socket, 'close');
      socket.end(Buffer.concat([...(signedIn ? [hello] : []), ...sent]));
      await closed;
    }),
    { numRuns: 200 },
  );
  await bystander.status('controller', 'ST', 1, 2);
  expect((await bystander.config()).worker).toBe(nodeServer.worker);
  expect((await service.fetch('/api/health')).status).toBe(200);
  await bystander.stop();
});

test('a message is acknowledged when it is committed: not while the database is away, but once it is back', async () => {
  const database = await newDatabase();
  const link = await linkTo(database.url);
  const own = await startService({ DATABASE_URL: link.url });
  const registered = await registerLocal(own);
  const worker = await connectWorker(own, registered);
  await worker.addController();
  await link.cut();

  const order: string[] = [];
  const acknowledged = worker.status('controller', 'ST', 42, 2).then(() => order.push('acknowledged'));
  // Each of these asks the database, and each answer comes after the message was tried.
  for (let i = 0; i < 20; i++) {
    const health = await fetch(`${own.url}/api/health`);
    expect(health.status).toBe(503);
  }
  order.push('back');
  await link.restore();
  await acknowledged;
  expect(order).toEqual(['back', 'acknowledged']);
  const { nodes } = await own.call<NodeServer>('GET', `/api/node-servers/${registered.id}`);
  expect(nodes).toMatchObject({ controller: { drivers: { ST: { value: 42 } } } });
  await worker.stop();
  await own.close();
  await link.cut();
  await database.drop();
});
