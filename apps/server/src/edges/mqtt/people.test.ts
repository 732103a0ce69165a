import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { fetchWorkerStart, testAuthority } from '@polyrelay/testkit';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectUser, listen, type MqttUser, newToken, newUser } from '../../testing/mqtt-users.js';
import { registerLocal } from '../../testing/node-servers.js';
import { startService, type TestService } from '../../testing/service.js';
import { connectThing, createThing, thingFiles } from '../../testing/things.js';
import { EmbeddedBroker } from './embedded.js';

let service: TestService;
let anna: MqttUser;
let berta: MqttUser;
let plainPort: number;
beforeAll(async () => {
  service = await startService({ MQTT_PLAIN_PORT: '0' });
  [anna, berta] = [await newUser(service), await newUser(service)];
  const { broker } = service.app.mqtt;
  plainPort = broker instanceof EmbeddedBroker ? (broker.plainPort ?? 0) : 0;
});
afterAll(() => service.close());

async function granted(client: MqttClient, filter: string): Promise<boolean> {
  const [answer] = await client.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }]);
  return (answer?.qos ?? 128) !== 128;
}

describe('a person’s client signs in', () => {
  test('with the token in the user name, or with e-mail and token, at every door', async () => {
    const doors = [
      {},
      { protocol: 'mqtt', port: plainPort },
      { protocol: 'ws', port: service.app.endpoints.httpPort, path: '/mqtt' },
    ] as const;
    for (const door of doors)
      for (const who of [
        { username: `FlespiToken ${anna.token}` },
        { username: `FlespiToken ${anna.token}`, password: '' },
        { username: anna.user.email, password: anna.token },
      ]) {
        const client = await connectUser(service, '', { ...door, ...who });
        expect(await granted(client, 'custom/x')).toBe(true);
        await client.endAsync();
      }
  });

  test('not without, with a wrong one, or with somebody else’s e-mail address', async () => {
    for (const protocol of ['mqtts', 'mqtt'] as const)
      for (const who of [
        { username: 'FlespiToken ' },
        { username: 'FlespiToken pr_nobody' },
        { username: anna.token },
        { username: berta.user.email, password: anna.token },
      ]) {
        const port = protocol === 'mqtt' ? plainPort : service.mqttPort;
        await expect(connectUser(service, '', { protocol, port, ...who })).rejects.toThrow('Not authorized');
      }
  });

  test('not behind a certificate: one that does not verify is refused before anything is said', async () => {
    const { cert, key } = await (await testAuthority()).issue('x');
    await expect(connectUser(service, anna.token, { cert, key })).rejects.toThrow();
    const { certificate, privateKey } = await service.app.authority.issueClient('nobody');
    await expect(connectUser(service, anna.token, { cert: certificate, key: privateKey })).rejects.toThrow(
      'Not authorized',
    );
    const socket = connectTls({ port: service.mqttPort, cert, key, rejectUnauthorized: false });
    socket.on('error', () => undefined).resume();
    await once(socket, 'close');
  });

  test('without a client id, as often as it likes at the same time', async () => {
    const [one, other] = [
      await connectUser(service, anna.token, { clientId: '' }),
      await connectUser(service, anna.token, { clientId: '' }),
    ];
    const heard = new Promise((resolve) => one.once('message', resolve));
    expect(await granted(one, 'custom/two')).toBe(true);
    await other.publishAsync('custom/two', 'x', { qos: 1 });
    expect(await heard).toBe('custom/two');
    expect(await granted(other, 'custom/two')).toBe(true);
    await Promise.all([one.endAsync(), other.endAsync()]);
  });

  test('and is held to little before it has', async () => {
    const socket = connectTcp(plainPort, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.write(Buffer.from([0x10, 0x81, 0x80, 0x04]));
    await once(socket, 'close');
  });

  test('with MQTT 5 it is told to fall back, with the return code of MQTT 3.1.1', async () => {
    const name = Buffer.from(`FlespiToken ${anna.token}`);
    const body = Buffer.concat([
      Buffer.from([0, 4]),
      Buffer.from('MQTT'),
      // Level, flags, keep-alive, no properties, client id “x”.
      Buffer.from([5, 0x82, 0, 60, 0, 0, 1, 0x78, 0, name.length]),
      name,
    ]);
    const connects = [
      () => connectTcp(plainPort, '127.0.0.1'),
      () => connectTls({ port: service.mqttPort, rejectUnauthorized: false }),
    ];
    for (const connect of connects) {
      const socket = connect();
      socket.on('error', () => undefined);
      socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body]));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect([...answer]).toEqual([0x20, 2, 0, 1]);
      await once(socket, 'close');
    }
  });

  test('until its token is revoked', async () => {
    const { token, tokenId } = await newToken(service, anna.user, anna.cookie);
    const [revoked, kept] = [await connectUser(service, token), await connectUser(service, anna.token)];
    const closed = new Promise<void>((resolve) => revoked.once('close', () => resolve()));
    await service.call('DELETE', `/api/access-tokens/${tokenId}`, {
      anonymous: true,
      headers: { cookie: anna.cookie, origin: service.url },
      status: 204,
    });
    await closed;
    expect(await granted(kept, 'custom/x')).toBe(true);
    await kept.endAsync();
    await expect(connectUser(service, token)).rejects.toThrow('Not authorized');
  });
});

describe('topics of one’s own', () => {
  test('are apart from those of others, whatever is published, left behind or subscribed', async () => {
    const nodeServer = await registerLocal(service);
    const start = await fetchWorkerStart(nodeServer.pgUrl);
    const worker = await mqtt.connectAsync({
      protocol: 'mqtts',
      protocolVersion: 4,
      host: '127.0.0.1',
      port: service.mqttPort,
      ca: start.caCert ?? '',
      cert: start.iotCert,
      key: start.iotPrivateKey ?? '',
    });
    const thing = await createThing(service);
    const thingClient = await connectThing(service, await thingFiles(service, thing));
    const will = { topic: 'garden/x', payload: Buffer.from('will of Anna'), qos: 1, retain: true } as const;
    const leaving = await connectUser(service, anna.token, { clientId: `user/${berta.user.id}:c`, will });
    const [annas, bertas] = [
      await connectUser(service, anna.token, { clientId: 'c' }),
      await connectUser(service, berta.token, { clientId: 'c' }),
    ];
    const [atAnna, atBerta] = [listen(annas), listen(bertas)];
    const [atWorker, atThing] = [listen(worker), listen(thingClient)];
    for (const client of [annas, bertas]) {
      expect(await granted(client, 'garden/#')).toBe(true);
      for (const filter of [
        '#',
        '+/x',
        '$SYS/#',
        '$share/g/garden/#',
        'prod/#',
        'prod/ns',
        `prod/ns/${nodeServer.worker}`,
        `ingress/${thing.name}`,
        'flashlex/#',
        'pubsub/+',
        'polyrelay/#',
        'polyrelay/channels/1',
        'flespi/#',
        'flespi/message/gw/+/1/x',
        'flespi/message/gw/channels/9999999999/x',
      ])
        expect(await granted(client, filter), filter).toBe(false);
    }
    for (const client of [worker, thingClient])
      for (const filter of ['garden/#', 'flespi/message/gw/channels/#', '#'])
        expect(await granted(client, filter), filter).toBe(false);

    // Nobody takes these: what is below a level of the service, and what a worker or thing says on topics of people.
    for (const topic of [
      'flespi/message/gw/channels/1/x',
      'flespi/state/gw/channels/1/name',
      `prod/ns/${nodeServer.worker}`,
      'prod/ns',
      `ingress/${thing.name}`,
      `pubsub/${thing.name}`,
      'flashlex/collect',
      'polyrelay/users/x/y',
      '$SYS/x',
    ])
      await annas.publishAsync(topic, '{"stop":""}', { qos: 1, retain: true });
    for (const client of [worker, thingClient])
      await client.publishAsync('garden/x', 'not a person', { qos: 1, retain: true });

    leaving.stream.destroy();
    await annas.publishAsync('garden/x', 'from Anna', { qos: 1, retain: true });
    await bertas.publishAsync('garden/x', 'from Berta', { qos: 1 });
    await Promise.all([atAnna.until(2), atBerta.until(1)]);
    // Who comes late finds nothing kept.
    const late = await connectUser(service, anna.token);
    const atLate = listen(late);
    await late.subscribeAsync('garden/#', { qos: 1 });
    await annas.publishAsync('garden/y', 'marker', { qos: 1 });
    await Promise.all([atLate.until(1), atAnna.until(3)]);
    await bertas.publishAsync('garden/y', 'marker', { qos: 1 });
    await atBerta.until(2);
    const texts = ({ heard }: { heard: { text: string }[] }) => heard.map(({ text }) => text).toSorted();
    expect(texts(atAnna)).toEqual(['from Anna', 'marker', 'will of Anna']);
    expect(texts(atBerta)).toEqual(['from Berta', 'marker']);
    expect(texts(atLate)).toEqual(['marker']);
    expect([...texts(atWorker), ...texts(atThing)].filter((text) => text !== '')).toEqual([]);
    await Promise.all([annas, bertas, late, worker, thingClient].map((client) => client.endAsync()));
  });

  test('what was refused stands in the audit log of whom it was', async () => {
    const carla = await newUser(service);
    const client = await connectUser(service, carla.token);
    await client.publishAsync('prod/ns', '{}', { qos: 1 });
    const rows = async () =>
      service.app.database.prisma.auditEntry.findMany({
        where: { actor: carla.user.email, action: 'message.refused' },
      });
    while ((await rows()).length === 0);
    expect(await rows()).toMatchObject([
      { detail: { why: expect.stringContaining('may not publish on prod/ns') } },
    ]);
    await client.endAsync();
  });
});
