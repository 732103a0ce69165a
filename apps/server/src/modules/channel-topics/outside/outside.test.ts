import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen, type MqttUser, newUser } from '../../../testing/mqtt-users.js';
import { lastingPlace, startService, type TestService } from '../../../testing/service.js';

const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find(existsSync);

describe.skipIf(MOSQUITTO === undefined)(
  `channels at an outside broker${MOSQUITTO === undefined ? ' (skipped: Mosquitto is not installed; on Debian: apt install mosquitto)' : ''}`,
  () => {
    let folder: string;
    let port: number;
    let broker: ChildProcess;
    let place: Awaited<ReturnType<typeof lastingPlace>>;
    let service: TestService;
    let anna: MqttUser;
    let reader: MqttClient;

    const open = (): Promise<TestService> =>
      startService({ ...place.env, MQTT_URL: `mqtt://127.0.0.1:${port}` });

    const startBroker = async (): Promise<void> => {
      broker = spawn(MOSQUITTO as string, ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
      for (;;) {
        const probe = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {}, false).catch(() => undefined);
        if (probe === undefined) continue;
        await probe.endAsync();
        return;
      }
    };

    const stopBroker = (): Promise<void> =>
      new Promise((resolve) => {
        broker.once('exit', () => resolve());
        broker.kill('SIGTERM');
      });

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'pr-channels-outside-'));
      const probe = createServer();
      port = await new Promise<number>((resolve) => {
        probe.listen(0, '127.0.0.1', () => {
          const address = probe.address() as AddressInfo;
          probe.close(() => resolve(address.port));
        });
      });
      const configuration = [
        `listener ${port} 127.0.0.1`,
        'allow_anonymous true',
        'max_queued_messages 100000',
        `persistence true`,
        `persistence_location ${folder}/`,
        'user root',
      ];
      await writeFile(join(folder, 'mosquitto.conf'), `${configuration.join('\n')}\n`);
      await startBroker();
      place = await lastingPlace();
      service = await open();
      anna = await newUser(service);
      // What the public pipelines ask for: a session that outlives its connection, and the broker.
      reader = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
        protocolVersion: 5,
        clientId: 'reader',
        clean: false,
        properties: { sessionExpiryInterval: 3600 },
      });
    });
    afterAll(async () => {
      await reader.endAsync();
      await service.close();
      await stopBroker();
      await place.remove();
      await rm(folder, { recursive: true, force: true });
    });

    const make = (topic: string | null = null) =>
      service.app.channels.create(anna.principal, { name: 'a channel', topic });

    async function add(id: number, from: number, count: number): Promise<void> {
      const { channels } = service.app;
      const channel = await channels.find(id);
      if (channel === undefined) throw new Error('no such channel');
      const list = Array.from({ length: count }, (_, i) => ({ ident: 'car', timestamp: 1, n: from + i }));
      await channels.append(channel, channels.parse(JSON.stringify(list)));
    }

    const numbers = (heard: { text: string }[]): number[] => heard.map(({ text }) => JSON.parse(text).n);
    const range = (from: number, to: number): number[] =>
      Array.from({ length: to - from }, (_, i) => from + i);
    const cursorOf = async (id: number): Promise<number> => {
      const row = await service.app.database.prisma.channelPublication.findUnique({
        where: { channelId: id },
      });
      return Number(row?.nextKey ?? 0);
    };

    test('every message is published in order, also what came while the service or the broker was away', async () => {
      const { id } = await make();
      const at = listen(reader);
      await reader.subscribeAsync(`flespi/message/gw/channels/${id}/+`, { qos: 1 });
      for (let i = 0; i < 3000; i += 500) await add(id, i, 500);
      await at.until(3000);
      expect(numbers(at.heard)).toEqual(range(0, 3000));
      while ((await cursorOf(id)) < 3000);

      // A broker that is away holds up nobody; what came meanwhile follows.
      await stopBroker();
      await add(id, 3000, 10);
      await startBroker();
      await add(id, 3010, 10);
      while (numbers(at.heard).at(-1) !== 3019) await at.until(at.heard.length + 1);
      // What was on its way may come twice.
      expect([...new Set(numbers(at.heard))]).toEqual(range(0, 3020));
      while ((await cursorOf(id)) < 3020);

      // Killed before it was noted how far the broker is: some come again, none is missing.
      await service.close();
      await withClient(place.env.DATABASE_URL, (client) =>
        client.query('UPDATE channel_publications SET next_key = 3015 WHERE channel_id = $1', [id]),
      );
      at.heard.length = 0;
      service = await open();
      await add(id, 3020, 5);
      await at.until(10);
      expect(numbers(at.heard)).toEqual(range(3015, 3025));
    });

    test('two replicas publish each message once', async () => {
      const { id } = await make();
      const other = await startService({
        DATABASE_URL: place.env.DATABASE_URL as string,
        MQTT_URL: `mqtt://127.0.0.1:${port}`,
      });
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
      const at = listen(client);
      await client.subscribeAsync(`flespi/message/gw/channels/${id}/+`, { qos: 1 });
      for (let i = 0; i < 2000; i += 20) await add(id, i, 20);
      await at.until(2000);
      while ((await cursorOf(id)) < 2000);
      expect(numbers(at.heard)).toEqual(range(0, 2000));
      await client.endAsync();
      await other.close();
    });

    test('states are retained, and cleared with the channel', async () => {
      const { id } = await make();
      const state = async () => {
        const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
        const { heard } = listen(client);
        await client.subscribeAsync(`flespi/state/gw/channels/${id}/+`, { qos: 1 });
        // Retained messages come before the answer to what is asked after them.
        await client.subscribeAsync('nothing', { qos: 1 });
        await client.endAsync();
        return Object.fromEntries(heard.map(({ topic, text }) => [topic.split('/').at(-1), text]));
      };
      while (Object.keys(await state()).length < 5);
      expect(await state()).toMatchObject({ name: '"a channel"', enabled: 'true', messages_size: '0' });
      await service.app.events.transaction(async (tx, record) => {
        await tx.channel.delete({ where: { id } });
        record({ topic: `channels/${id}`, operation: 'DELETION', ownerId: anna.user.id, payload: {} });
      });
      while (Object.keys(await state()).length > 0);
    });

    test('of states that change while the broker is away the last one alone is told', async () => {
      const { id } = await make();
      const at = listen(reader);
      await reader.subscribeAsync(`flespi/state/gw/channels/${id}/name`, { qos: 1 });
      await at.until(1);
      await stopBroker();
      const isAway = () =>
        service.app.mqtt.publish('nothing', '', { qos: 0 }).then(
          () => false,
          () => true,
        );
      while (!(await isAway())) await new Promise(setImmediate);
      const { channels } = service.app;
      for (const name of ['first', 'second', 'third']) {
        const channel = await channels.require(anna.principal, id);
        await channels.change(anna.principal, channel, { name });
      }
      await startBroker();
      while (at.heard.at(-1)?.text !== '"third"') await at.until(at.heard.length + 1);
      expect(at.heard.slice(1).map(({ text }) => text)).toEqual(['"third"']);
    });

    test('a channel is fed by its own topic, and by its owner’s below the owner’s id', async () => {
      const { id } = await make('garden/in');
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
      const other = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
      const atOther = listen(other);
      await other.subscribeAsync(`flespi/message/gw/channels/${id}/+`, { qos: 1 });
      const message = (n: number) => JSON.stringify({ ident: 'a', timestamp: 1, n });
      await client.publishAsync('garden/in', message(0), { qos: 1 });
      await client.publishAsync(`polyrelay/users/${anna.user.id}/garden/in`, message(1), { qos: 1 });
      await atOther.until(1);
      await client.publishAsync(`polyrelay/channels/${id}`, `[${message(2)},${message(3)}]`, { qos: 1 });
      await atOther.until(3);
      expect(numbers(atOther.heard)).toEqual([1, 2, 3]);
      await Promise.all([client.endAsync(), other.endAsync()]);
    });
  },
);

async function withClient(
  url: string | undefined,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString: url ?? '' });
  await client.connect();
  await work(client);
  await client.end();
}
