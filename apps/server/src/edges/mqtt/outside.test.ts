import 'reflect-metadata';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Crl } from '@peculiar/x509';
import {
  type Event,
  type Health,
  type NodeServer,
  type OAuthResult,
  type Thing,
  thingTopics,
} from '@polyrelay/contract';
import { signInAt, startDemoProvider } from '@polyrelay/demo';
import type { SimulatedWorker } from '@polyrelay/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAuthority } from '../../core/pki/authority.js';
import { writeRevocations } from '../../core/pki/revocations.js';
import { connectWorker, nextEvent, registerLocal } from '../../testing/node-servers.js';
import { newDatabase, startService, type TestService } from '../../testing/service.js';
import { connectThing, createThing, type ThingFiles, thingFiles } from '../../testing/things.js';
import { writeBrokerCertificate } from './broker-certificate.js';

const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find(existsSync);
const GUIDE = new URL('../../../../../docs/outside-broker.md', import.meta.url);

describe.skipIf(MOSQUITTO === undefined)(
  `an outside broker${MOSQUITTO === undefined ? ' (skipped: Mosquitto is not installed; on Debian: apt install mosquitto)' : ''}`,
  () => {
    let folder: string;
    let port: number;
    let broker: ChildProcess;
    let database: Awaited<ReturnType<typeof newDatabase>>;
    let service: TestService;

    const CLIENT = { clientId: 'polyrelay', clientSecret: 'a secret of the provider' };

    const startOnBroker = (): Promise<TestService> =>
      startService({
        DATA_DIR: join(folder, 'data'),
        DATABASE_URL: database.url,
        MQTT_URL: `mqtts://localhost:${port}`,
      });

    /** Its certificate is for this name. */
    const at = (port: number) => ({ port, servername: 'localhost' });

    const connect = (nodeServer: NodeServer): Promise<SimulatedWorker> =>
      connectWorker(service, nodeServer, { port });

    const comesIn = async (files: ThingFiles): Promise<boolean> => {
      try {
        await (await connectThing(service, files, at(port))).endAsync();
        return true;
      } catch {
        return false;
      }
    };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'pr-outside-'));
      const probe = createServer();
      port = await new Promise<number>((resolve) => {
        probe.listen(0, '127.0.0.1', () => {
          const address = probe.address() as AddressInfo;
          probe.close(() => resolve(address.port));
        });
      });
      database = await newDatabase();
      const dataDir = join(folder, 'data');
      const authority = await openAuthority(dataDir);
      await writeBrokerCertificate(dataDir, authority, ['localhost']);
      await writeRevocations(dataDir, authority, []);
      await writeConfiguration(folder, port);
      broker = await startMosquitto(folder);
      service = await startOnBroker();
    });
    afterAll(async () => {
      await service.close();
      await stopMosquitto(broker);
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    });

    test('a worker comes, reports, is told, links an account and goes, with the configuration of the guide', async () => {
      const provider = await startDemoProvider({
        ...CLIENT,
        redirectUris: [`${service.url}/api/oauth/callback`],
      });
      const nodeServer = await registerLocal(service, {
        oauth: { url: provider.authorizationUrl, ...CLIENT },
      });
      const worker = await connect(nodeServer);
      expect((await worker.addController()).result).toMatchObject({ addnode: { success: true } });
      const moved = nextEvent(
        service,
        `nodeServers/${nodeServer.id}/nodes/controller/drivers/ST`,
        ({ value }) => value === 7,
      );
      await worker.status('controller', 'ST', 7, 2);
      await moved;
      expect(await service.call<NodeServer>('GET', `/api/node-servers/${nodeServer.id}`)).toMatchObject({
        connected: true,
        nodes: { controller: { drivers: { ST: { value: 7 } } } },
      });

      const raised = nextEvent(service, `nodeServers/${nodeServer.id}/notices/auth`);
      await worker.signInNotice();
      await raised;
      const path = `/api/oauth/start?nodeServer=${nodeServer.id}&notice=auth`;
      const { location } = await service.call<{ location: string }>('GET', path, { status: 302 });
      const callback = await signInAt(location);
      const back = await service.call<{ location: string }>('GET', callback.slice(service.url.length), {
        status: 303,
      });
      const { message } = await worker.waitFor(({ oauth }) => oauth !== undefined);
      expect(message.oauth).toMatchObject({
        code: new URL(callback).searchParams.get('code'),
        state: nodeServer.worker,
      });
      const id = new URL(back.location, service.url).searchParams.get('id');
      expect(await service.call<OAuthResult>('GET', `/api/oauth/results/${id}`)).toMatchObject({
        outcome: 'delivered',
      });

      const gone = nextEvent(service, `nodeServers/${nodeServer.id}`, ({ connected }) => connected === false);
      await worker.stop();
      await gone;
      await provider.close();
    });

    test('a worker that breaks off is noticed by its will', async () => {
      const nodeServer = await registerLocal(service);
      const came = nextEvent(service, `nodeServers/${nodeServer.id}`, ({ connected }) => connected === true);
      const worker = await connect(nodeServer);
      await came;
      const gone = nextEvent(service, `nodeServers/${nodeServer.id}`, ({ connected }) => connected === false);
      await worker.kill();
      await gone;
    });

    test('workers reach nothing of each other, and nobody gets in without a certificate', async () => {
      const [own, other] = [await registerLocal(service), await registerLocal(service)];
      const [spy, victim] = [await connect(own), await connect(other)];
      const heard: string[] = [];
      spy.client.on('message', (topic) => heard.push(topic));
      const filters = ['#', 'prod/#', 'prod/ns/+', `prod/ns/${other.worker}`, '$SYS/#'];
      for (const filter of filters)
        await spy.client.subscribeAsync(filter, { qos: 1 }).catch(() => undefined);
      await spy.raw(`prod/ns/${other.worker}`, '{"stop":""}');
      await victim.addController();
      await victim.config();
      await spy.config();
      expect(new Set(heard)).toEqual(new Set([`prod/ns/${own.worker}`]));
      expect(victim.messages.some(({ message }) => 'stop' in message)).toBe(false);
      await Promise.all([spy.stop(), victim.stop()]);
      const bare = connectWorker(service, own, {
        port,
        start: { ...spy.start, iotCert: '', iotPrivateKey: '' },
      });
      await expect(bare).rejects.toThrow();
    });

    test('things reach nothing of each other, and are verified by their own word', async () => {
      const [own, other] = [await createThing(service), await createThing(service)];
      const [spy, victim] = await Promise.all(
        [own, other].map(async (thing) => connectThing(service, await thingFiles(service, thing), at(port))),
      );
      const [spied, got]: [string[], string[]] = [[], []];
      spy?.on('message', (topic, payload) => spied.push(`${topic} ${payload}`));
      victim?.on('message', (topic, payload) => got.push(`${topic} ${payload}`));
      for (const filter of ['#', '+/+', `ingress/${other.name}`, `pubsub/${other.name}`, 'flashlex/#'])
        await spy?.subscribeAsync(filter, { qos: 1 }).catch(() => undefined);
      const { ingress, envelopes, pubsub } = thingTopics(other.name);
      await victim?.subscribeAsync([ingress, envelopes, pubsub], { qos: 1 });
      for (const topic of [ingress, envelopes, pubsub, `flashlex/collect/${other.name}`])
        await spy?.publishAsync(topic, 'forged', { qos: 1 });

      const tested = nextEvent(service, `things/${other.id}`, ({ bootstrap }) => bootstrap !== undefined);
      await victim?.publishAsync('flashlex/test', JSON.stringify({ thingId: other.id }), { qos: 1 });
      await tested;
      const now = await service.call<Thing>('GET', `/api/things/${other.id}`);
      expect(now).toMatchObject({ connected: false, bootstrap: { publishedAt: expect.any(String) } });

      await service.app.mqtt.publish(ingress, 'for it');
      await service.app.mqtt.publish(`ingress/${own.name}`, 'the end');
      await victim?.publishAsync(pubsub, 'to itself', { qos: 1 });
      while (got.length < 2 || spied.length < 1) await new Promise((next) => setImmediate(next));
      expect(got.toSorted()).toEqual([`${ingress} for it`, `${pubsub} to itself`]);
      expect(spied).toEqual([`ingress/${own.name} the end`]);
      await Promise.all([spy?.endAsync(), victim?.endAsync()]);
    });

    test('a certificate that is refused here is refused there, when the broker has read the list again', async () => {
      const [rotated, disabled, deleted, kept] = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const { id } = await createThing(service);
          return { id, files: await thingFiles(service, { id }) };
        }),
      );
      if (!rotated || !disabled || !deleted || !kept) throw new Error('not made');
      await service.call('POST', `/api/things/${rotated.id}/keys`);
      await service.call('PATCH', `/api/things/${disabled.id}`, { body: { enabled: false } });
      await service.call('DELETE', `/api/things/${deleted.id}`, { status: 204 });
      const listed = async (): Promise<number> => {
        const list = new X509Crl(await readFile(join(folder, 'data/pki/crl.pem'), 'utf8'));
        return list.entries.length;
      };
      while ((await listed()) < 3);
      broker.kill('SIGHUP');
      for (const { files } of [rotated, disabled, deleted]) {
        // The signal is handled when the broker comes to it.
        while (await comesIn(files));
      }
      expect(await comesIn(kept.files)).toBe(true);
      expect(await comesIn(await thingFiles(service, rotated))).toBe(true);
      await service.call('PATCH', `/api/things/${disabled.id}`, { body: { enabled: true } });
      while ((await listed()) > 2);
    });

    test('messages to things go out on both topics, in order, also those of a time when the broker was away', async () => {
      const thing = await createThing(service);
      const { ingress, envelopes } = thingTopics(thing.name);
      const files = await thingFiles(service, thing);
      const options = { host: 'localhost', port, clean: false, clientId: `${thing.name}-test` };
      const client = await connectThing(service, files, options);
      const heard: Record<string, unknown[]> = { [ingress]: [], [envelopes]: [] };
      let look = (): void => undefined;
      client.on('error', () => undefined);
      client.on('message', (topic, payload) => {
        heard[topic]?.push(JSON.parse(payload.toString()));
        look();
      });
      await client.subscribeAsync([ingress, envelopes], { qos: 1 });
      const first = await service.app.messages.publish(thing, '1');
      const sent = nextEvent(service, `things/${thing.id}/messages/+`, ({ state }) => state === 'sent');
      await sent;
      expect(first.state).toBe('queued');
      await stopMosquitto(broker);
      await Promise.all([2, 3, 4].map((n) => service.app.messages.publish(thing, String(n))));
      broker = await startMosquitto(folder);
      const again = await connectThing(service, files, options);
      again.on('message', (topic, payload) => {
        heard[topic]?.push(JSON.parse(payload.toString()));
        look();
      });
      await again.subscribeAsync([ingress, envelopes], { qos: 1 });
      await new Promise<void>((resolve) => {
        look = () => {
          const last = (heard[envelopes] as { payload: unknown }[]).some(({ payload }) => payload === 4);
          if (heard[ingress]?.includes(4) && last) resolve();
        };
        look();
      });
      // The broker may hand over again what it stopped with.
      expect([...new Set(heard[ingress])]).toEqual([1, 2, 3, 4]);
      const ids = (heard[envelopes] as { id: string }[]).map(({ id }) => id);
      expect(ids[0]).toBe(first.id);
      expect(new Set(ids).size).toBe(4);
      await Promise.all([client.endAsync(true), again.endAsync(true)]);
    });

    test('what is sent while the service restarts is there afterwards, all of it, in order', async () => {
      const nodeServer = await registerLocal(service);
      const worker = await connect(nodeServer);
      await worker.addController();
      await service.close();
      const values = Array.from({ length: 50 }, (_, i) => i + 100);
      await Promise.all(values.map((value) => worker.status('controller', 'ST', value, 2)));
      service = await startOnBroker();
      const topic = `nodeServers/${nodeServer.id}/nodes/controller/drivers/ST`;
      const events = async (): Promise<unknown[]> =>
        (await service.call<{ items: Event[] }>('GET', `/api/events?topic=${topic}&after=0`)).items.map(
          ({ payload }) => payload.value,
        );
      while ((await events()).at(-1) !== values.at(-1));
      expect(await events()).toEqual(expect.arrayContaining(values));
      expect((await events()).slice(-50)).toEqual(values);
      await worker.stop();
    });

    test('a broker that goes is said, and taken up again when it is back', async () => {
      const health = async (): Promise<{ status: number; body: Health }> => {
        const response = await service.fetch('/api/health');
        return { status: response.status, body: (await response.json()) as Health };
      };
      expect(await health()).toMatchObject({ status: 200 });
      await stopMosquitto(broker);
      while ((await health()).status !== 503);
      expect((await health()).body).toMatchObject({
        database: { status: 'ok' },
        broker: { status: 'failing', detail: expect.stringContaining('MQTT_URL') },
      });
      broker = await startMosquitto(folder);
      while ((await health()).status !== 200);
      const nodeServer = await registerLocal(service);
      const came = nextEvent(service, `nodeServers/${nodeServer.id}`, ({ connected }) => connected === true);
      const worker = await connect(nodeServer);
      await came;
      await worker.stop();
    });
  },
);

/** The files of the guide, with this test’s folder and port in them: what is documented is what is tested. */
async function writeConfiguration(folder: string, port: number): Promise<void> {
  const guide = await readFile(GUIDE, 'utf8');
  const block = (language: string): string =>
    new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(guide)?.[1] ?? '';
  const conf = block('conf')
    .replace('listener 8883', `listener ${port} 127.0.0.1`)
    .replaceAll('/etc/mosquitto/certs/', `${folder}/data/pki/`)
    .replace('/etc/mosquitto/polyrelay.acl', `${folder}/polyrelay.acl`)
    .replace('/var/lib/mosquitto/', `${folder}/mosquitto/`);
  await mkdir(join(folder, 'mosquitto'));
  await writeFile(join(folder, 'polyrelay.acl'), block('acl'));
  // It would give up root’s rights for those of a user who may not read the test’s files.
  const user = process.getuid?.() === 0 ? 'user root\n' : '';
  await writeFile(join(folder, 'mosquitto.conf'), user + conf);
}

function startMosquitto(folder: string): Promise<ChildProcess> {
  const child = spawn(MOSQUITTO ?? '', ['-v', '-c', join(folder, 'mosquitto.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (/ running$/m.test(output)) resolve(child);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`mosquitto ended with code ${code}: ${output}`)));
  });
}

async function stopMosquitto(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
