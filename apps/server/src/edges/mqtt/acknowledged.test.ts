import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openAuthority } from '../../core/pki/authority.js';
import { RawMqttClient } from '../../testing/raw-mqtt.js';
import { EmbeddedBroker } from './embedded.js';
import type { Delivered, MqttIdentity } from './types.js';

/** Long enough for everything that is acknowledged. */
const PATIENT_MS = 60_000;
const IMPATIENT_MS = 100;
const TOPIC = 'ingress/a';
const THING = { kind: 'thing', id: 'a' } as const;

let folder: string;
let brokers: Awaited<ReturnType<typeof startBroker>>[];
let broker: EmbeddedBroker;
let port: number;
const clients: (MqttClient | RawMqttClient)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pr-ack-'));
  brokers = await Promise.all([startBroker('1', PATIENT_MS), startBroker('2', IMPATIENT_MS)]);
  use(0);
});
afterEach(async () => {
  use(0);
  for (const client of clients.splice(0)) {
    if (client instanceof RawMqttClient) client.socket.destroy();
    else await client.endAsync(true);
  }
});
afterAll(async () => {
  for (const each of brokers) {
    await each.broker.stop();
    each.plain.close();
  }
  await rm(folder, { recursive: true });
});

const use = (which: 0 | 1): void => {
  ({ broker, port } = brokers[which] as (typeof brokers)[number]);
};

async function startBroker(name: string, silentMs: number) {
  const authority = await openAuthority(join(folder, name));
  const broker = new EmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    plainPort: undefined,
    server: await authority.issueServer(['localhost']),
    caPem: authority.caPem,
    log: pino({ level: 'silent' }),
    silentMs,
    events: {
      authenticate: async ({ username = '' }): Promise<MqttIdentity> => ({
        kind: 'thing',
        id: username,
        mayPublish: () => true,
        maySubscribe: () => true,
      }),
      message: async () => undefined,
      refused: () => undefined,
      subscribing: async () => undefined,
      subscribed: () => undefined,
      unsubscribed: () => undefined,
      closed: () => undefined,
      came: () => undefined,
      gone: () => undefined,
    },
  });
  await broker.start();
  const plain = createServer((socket) => broker.handle(socket)).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  return { broker, plain, port: (plain.address() as AddressInfo).port };
}

async function subscribed(
  options: { clientId?: string; qos?: 0 | 1; filter?: string } = {},
): Promise<{ client: MqttClient; received: string[] }> {
  const { clientId = 'c', qos = 1, filter = TOPIC } = options;
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId,
    username: THING.id,
    reconnectPeriod: 0,
  });
  clients.push(client);
  const received: string[] = [];
  client.on('message', (_topic, payload) => received.push(payload.toString()));
  await client.subscribeAsync(filter, { qos });
  return { client, received };
}

async function raw(qos: 0 | 1 = 1): Promise<RawMqttClient> {
  const client = await RawMqttClient.connect(port, 'raw', THING.id);
  clients.push(client);
  await client.subscribe(TOPIC, qos);
  return client;
}

const deliver = (payload: string): Promise<Delivered> =>
  broker.deliver(THING, (granted) => (granted(TOPIC) === undefined ? undefined : { topic: TOPIC, payload }));

/** Resolves once the client has so many messages. */
const has = (client: RawMqttClient, count: number): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (client.messages.length >= count) resolve();
    };
    client.onMessage = look;
    look();
  });

describe('a message to an identity', () => {
  test('is acknowledged by its client, many at once and in order, among others on the same connection', async () => {
    const { client, received } = await subscribed();
    await client.subscribeAsync('other', { qos: 1 });
    const payloads = Array.from({ length: 1000 }, (_, i) => String(i));
    const outcomes = payloads.map((payload, i) => {
      if (i % 10 === 0) void broker.publish('other', 'x');
      return deliver(payload);
    });
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['acknowledged']));
    expect(received.filter((payload) => payload !== 'x')).toEqual(payloads);
    expect(received.filter((payload) => payload === 'x')).toHaveLength(100);
  });

  test('is for nobody when no connection has subscribed, or none is there', async () => {
    const nobody = { kind: 'thing', id: 'nobody' } as const;
    expect(await broker.deliver(nobody, () => ({ topic: TOPIC, payload: 'x' }))).toBe('absent');
    expect(broker.granted(nobody, TOPIC)).toBeUndefined();
    const { client } = await subscribed({ filter: 'elsewhere' });
    expect(await deliver('x')).toBe('absent');
    await client.subscribeAsync('ingress/+', { qos: 1 });
    expect(broker.granted(THING, TOPIC)).toBe(1);
    expect(await deliver('x')).toBe('acknowledged');
    await client.unsubscribeAsync('ingress/+');
    expect(await deliver('x')).toBe('absent');
  });

  test('counts as sent where QoS 0 was subscribed', async () => {
    const { client, received } = await subscribed({ qos: 0 });
    const heard = new Promise((resolve) => client.once('message', resolve));
    expect(broker.granted(THING, TOPIC)).toBe(0);
    expect(await deliver('x')).toBe('sent');
    await heard;
    expect(received).toEqual(['x']);
  });

  test('goes to every connection of the identity', async () => {
    const one = await subscribed({ clientId: 'one' });
    const two = await subscribed({ clientId: 'two' });
    expect(await deliver('x')).toBe('acknowledged');
    expect([one.received, two.received]).toEqual([['x'], ['x']]);
  });
});

describe('a client that', () => {
  test('never acknowledges is waited for only so long', async () => {
    use(1);
    const client = await raw();
    const outcomes = await Promise.all([deliver('1'), deliver('2')]);
    expect(outcomes).toEqual(['sent', 'sent']);
    expect(client.messages.map(({ payload }) => payload)).toEqual(['1', '2']);
  });

  test('acknowledges in another order is believed message by message', async () => {
    const client = await raw();
    const order: number[] = [];
    const done = [0, 1, 2].map((i) => deliver(String(i)).then(() => order.push(i)));
    await has(client, 3);
    for (const i of [2, 0]) client.acknowledge(client.messages[i]?.messageId ?? 0);
    client.acknowledge(60_000);
    await Promise.all([done[2], done[0]]);
    expect(order).toEqual([2, 0]);
    client.acknowledge(client.messages[1]?.messageId ?? 0);
    await done[1];
  });

  test('goes away in the middle leaves nobody waiting', async () => {
    const client = await raw();
    const outcomes = Array.from({ length: 50 }, (_, i) => deliver(String(i)));
    await has(client, 50);
    client.acknowledge(client.messages[0]?.messageId ?? 0);
    expect(await outcomes[0]).toBe('acknowledged');
    client.socket.destroy();
    expect(await Promise.all(outcomes.slice(1))).toEqual(Array(49).fill('ended'));
  });

  test('is thrown out by the same client id leaves its messages to nobody', async () => {
    const client = await raw();
    const outcome = deliver('1');
    await has(client, 1);
    const again = await raw();
    expect(await outcome).toBe('ended');
    const second = deliver('2');
    await has(again, 1);
    again.acknowledge(again.messages[0]?.messageId ?? 0);
    expect(await second).toBe('acknowledged');
    expect(client.messages).toHaveLength(1);
  });
});

test('message ids go round without one that still waits, for aedes’ own messages too', async () => {
  const client = await raw();
  const held = deliver('held');
  await has(client, 1);
  const heldId = client.messages[0]?.messageId ?? 0;
  let most = 0;
  client.onMessage = ({ messageId = 0 }) => {
    expect(messageId).not.toBe(heldId);
    most = Math.max(most, messageId);
    client.acknowledge(messageId);
  };
  for (let sent = 0; sent < 66_000; sent += 600) {
    const own = Array.from({ length: 10 }, () => broker.publish(TOPIC, 'own'));
    const outcomes = await Promise.all(Array.from({ length: 600 }, () => deliver('x')));
    expect(new Set(outcomes)).toEqual(new Set(['acknowledged']));
    await Promise.all(own);
  }
  expect(most).toBe(65_535);
  client.acknowledge(heldId);
  expect(await held).toBe('acknowledged');
});
