import { type Thing, thingTopics, type WorkerStart } from '@polyrelay/contract';
import { fetchWorkerStart } from '@polyrelay/testkit';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nextEvent, registerLocal } from '../../testing/node-servers.js';
import { lastingPlace, startService, type TestService } from '../../testing/service.js';
import {
  connectThing,
  createThing,
  newConnectedThing,
  type ThingFiles,
  thingFiles,
} from '../../testing/things.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const show = (id: string): Promise<Thing> => service.call<Thing>('GET', `/api/things/${id}`);

/** Resolves when a connection is gone. */
const closed = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => client.once('close', () => resolve()));

/** The next message of a client. */
const heard = (client: MqttClient): Promise<string> =>
  new Promise((resolve) => client.once('message', (topic, payload) => resolve(`${topic} ${payload}`)));

/** Who takes part: a thing or a worker, each with a topic of its own. */
interface Party {
  name: string;
  own: string;
  files: ThingFiles;
}

const workerParty = ({ nodeServer, iotCert, iotPrivateKey }: WorkerStart): Party => ({
  name: nodeServer.worker,
  own: `prod/ns/${nodeServer.worker}`,
  files: { name: nodeServer.worker, certificate: iotCert ?? '', privateKey: iotPrivateKey ?? '' },
});

describe('a thing on the broker', () => {
  test('may do what the published SDK does, and hears what is for it', async () => {
    const { thing, client } = await newConnectedThing(service);
    const { ingress, envelopes, pubsub } = thingTopics(thing.name);
    for (const filter of [ingress, envelopes, pubsub])
      expect(await client.subscribeAsync(filter, { qos: 1 })).toMatchObject([{ qos: 1 }]);
    for (const topic of [ingress, envelopes]) {
      const message = heard(client);
      await service.app.mqtt.publish(topic, 'for it');
      expect(await message).toBe(`${topic} for it`);
    }
    const own = heard(client);
    await client.publishAsync(pubsub, 'to itself', { qos: 1 });
    expect(await own).toBe(`${pubsub} to itself`);
    await client.endAsync();
  });

  test('is nobody with a certificate of its name that is not the one it has now', async () => {
    const { thing, files, client } = await newConnectedThing(service);
    const { certificate, privateKey } = await service.app.authority.issueClient(thing.name);
    await expect(connectThing(service, { ...files, certificate, privateKey })).rejects.toThrow(
      'Not authorized',
    );
    await client.endAsync();
  });

  test('is thrown out when its keys are renewed, and only comes in with the new ones', async () => {
    const { thing, files, client } = await newConnectedThing(service);
    const gone = closed(client);
    const rotated = await service.call<Thing>('POST', `/api/things/${thing.id}/keys`);
    await gone;
    expect(rotated.certificateId).not.toBe(thing.certificateId);
    expect(rotated.publicKey).not.toBe(thing.publicKey);
    expect(rotated.privateKey).toBe('available');
    expect((await service.app.things.refs.byId(thing.id))?.certificateId).toBe(rotated.certificateId);
    await expect(connectThing(service, files)).rejects.toThrow('Not authorized');
    const again = await connectThing(service, await thingFiles(service, thing));
    await again.endAsync();
  });

  test('is thrown out when it is disabled or deleted, and comes back when it is enabled', async () => {
    const { thing, files, client } = await newConnectedThing(service);
    const enable = (enabled: boolean) =>
      service.call('PATCH', `/api/things/${thing.id}`, { body: { enabled } });
    let gone = closed(client);
    await enable(false);
    await gone;
    expect(await service.app.things.refs.byId(thing.id)).toMatchObject({ enabled: false });
    await expect(connectThing(service, files)).rejects.toThrow('Not authorized');
    await enable(true);
    const again = await connectThing(service, files);
    gone = closed(again);
    await service.call('DELETE', `/api/things/${thing.id}`, { status: 204 });
    await gone;
    await expect(connectThing(service, files)).rejects.toThrow('Not authorized');
  });

  test('is thrown out while it is still connecting', async () => {
    const thing = await createThing(service);
    const files = await thingFiles(service, thing);
    const tries = Array.from({ length: 20 }, (_, i) =>
      connectThing(service, files, { clientId: `c${i}` }).then(
        (client) => (client.connected ? closed(client) : undefined),
        () => undefined,
      ),
    );
    await service.call('PATCH', `/api/things/${thing.id}`, { body: { enabled: false } });
    // Each was refused, or ends: none stays.
    await Promise.all(tries);
  });

  test('what it tried and may not do stands in the audit log, once a minute', async () => {
    const { thing, client } = await newConnectedThing(service);
    for (let i = 0; i < 3; i++) await client.publishAsync('ingress/somebody', 'x', { qos: 1 });
    await client.endAsync();
    const rows = async () =>
      service.app.database.prisma.auditEntry.findMany({ where: { actor: `thing ${thing.name}` } });
    while ((await rows()).length === 0);
    expect(await rows()).toMatchObject([
      {
        action: 'message.refused',
        target: thing.name,
        detail: { why: 'this thing may not publish on ingress/somebody' },
      },
    ]);
  });
});

describe('things and workers against each other', () => {
  test('a certificate of the one never passes as the other', async () => {
    const nodeServer = await registerLocal(service);
    const worker = workerParty(await fetchWorkerStart(nodeServer.pgUrl));
    // What a thing is called no worker ever is: its name has a “-” after the owner's short id, a worker's none.
    const thing = await createThing(service, { name: worker.name });
    expect(thing.name).toBe(`${thing.ownerId.slice(0, 8)}-${worker.name}`);
    expect(worker.name).toMatch(/^[A-Za-z0-9]{24}$/);
    const client = await connectThing(service, await thingFiles(service, thing), { clientId: worker.name });
    const other = await connectThing(service, worker.files, { clientId: thing.name });
    const tried = async (by: MqttClient, filter: string): Promise<number> =>
      (await by.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }]))[0]?.qos ?? 128;
    expect(await tried(client, `prod/ns/${worker.name}`)).toBe(128);
    expect(await tried(client, `prod/ns/${thing.name}`)).toBe(128);
    expect(await tried(other, `ingress/${thing.name}`)).toBe(128);
    expect(await tried(other, `ingress/${worker.name}`)).toBe(128);
    await Promise.all([client.endAsync(), other.endAsync()]);
  });

  test('nothing of one of 20 reaches another, whatever they subscribe, publish, leave behind or call themselves', async () => {
    const servers = await Promise.all(Array.from({ length: 10 }, () => registerLocal(service)));
    const workers = await Promise.all(
      servers.map(async ({ pgUrl }) => workerParty(await fetchWorkerStart(pgUrl))),
    );
    const things = await Promise.all(
      Array.from({ length: 10 }, async (): Promise<Party> => {
        const thing = await createThing(service);
        return {
          name: thing.name,
          own: `ingress/${thing.name}`,
          files: await thingFiles(service, thing),
        };
      }),
    );
    // In turns, so that each one's neighbour is of the other kind.
    const parties = workers.flatMap((worker, i) => [worker, things[i] as Party]);
    const received: { at: number; topic: string; payload: string }[] = [];
    const listen = (client: MqttClient, at: number): MqttClient =>
      client.on('message', (topic, payload) => received.push({ at, topic, payload: payload.toString() }));
    const clients = await Promise.all(
      parties.map(async ({ files }, i) => {
        const neighbour = parties[(i + 1) % parties.length] as Party;
        const client = await connectThing(service, files, {
          // The client id of others, as they say it or as the broker might keep it: nobody is thrown out by that.
          clientId: i % 3 === 0 ? 'same' : i % 3 === 1 ? neighbour.name : `thing/${neighbour.name}:same`,
          will: { topic: neighbour.own, payload: Buffer.from(`will of ${i}`), qos: 1, retain: true },
        });
        return listen(client, i);
      }),
    );
    await Promise.all(
      clients.map(async (client, i) => {
        const { name, own } = parties[i] as Party;
        const others = parties.filter((_, k) => k !== i);
        const filters = [
          ...['#', '+', '+/#', '+/+', '+/+/+', 'ingress/+', 'ingress/#', 'ingress', 'pubsub/+', 'pubsub/#'],
          ...['flashlex/#', 'flashlex/collect', 'flashlex/test', `flashlex/collect/${name}`, 'prod/ns/+'],
          ...['$SYS/#', '$SYS/+/clients/connected', '$refused', `${own}/#`, `${own}/+`, `+/${name}`],
          ...[`$share/all/${others[0]?.own}`, `$share/all/${own}`],
          ...others.flatMap((other) => [
            other.own,
            `${other.own}/envelopes`,
            `pubsub/${other.name}`,
            `flashlex/collect/${other.name}`,
          ]),
        ];
        for (const filter of filters) {
          const [granted] = await client.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }]);
          expect(granted?.qos ?? 128, `${name} on ${filter}`).toBe(128);
        }
        expect(await client.subscribeAsync(own, { qos: 1 })).toMatchObject([{ qos: 1 }]);
        const topics = [
          own,
          'ingress',
          '$SYS/x',
          'ingress/x/y',
          'prod',
          `flashlex/collect/${others[0]?.name}`,
        ];
        for (const on of [...topics, ...others.flatMap((other) => [other.own, `pubsub/${other.name}`])])
          for (const retain of [false, true])
            await client.publishAsync(on, `from ${i} on ${on}`, { qos: 1, retain });
      }),
    );
    // All are still there: nobody was thrown out, and a refusal costs no connection.
    expect(clients.map(({ connected }) => connected)).toEqual(clients.map(() => true));

    // Half of them break off and leave their wills, the others hear what comes.
    const wills = new Promise<void>((resolve) => {
      let left = 10;
      service.app.mqtt.onRefused((_identity, what) => {
        if (what.startsWith('may not publish') && --left === 0) resolve();
      });
    });
    for (const client of clients.slice(0, 10)) client.stream.destroy();
    await wills;
    // Who comes later gets nothing that was kept.
    const late = await Promise.all(
      parties.slice(0, 2).map(async ({ files, own }, i) => {
        const client = listen(await connectThing(service, files), i);
        await client.subscribeAsync(own, { qos: 1 });
        return client;
      }),
    );
    const there = [...late, ...clients.slice(10)];
    const marked = there.map(heard);
    const places = [0, 1, ...clients.map((_, i) => i).slice(10)];
    for (const i of places) await service.app.mqtt.publish(parties[i]?.own ?? '', `marker ${i}`);
    await Promise.all(marked);
    const expected = places.map((at) => ({ at, topic: parties[at]?.own, payload: `marker ${at}` }));
    expect(received.toSorted((a, b) => a.at - b.at)).toEqual(expected);
    await Promise.all(there.map((client) => client.endAsync()));
  });
});

describe('whether a thing is there', () => {
  test('is noted when it comes, when it goes, and by what it sends', async () => {
    const thing = await createThing(service);
    const topic = `things/${thing.id}`;
    const files = await thingFiles(service, thing);
    let noted = nextEvent(service, topic, ({ connected }) => connected === true);
    const client = await connectThing(service, files);
    await noted;
    const came = await show(thing.id);
    expect(came).toMatchObject({ connected: true, lastSeenAt: expect.any(String) });
    // A second connection of the same thing is no news, nor is the end of one of two.
    const told: unknown[] = [];
    const end = service.app.events.on(topic, ({ payload }) => void told.push(payload));
    const second = await connectThing(service, files, { clientId: 'second' });
    await second.endAsync();
    noted = nextEvent(service, topic, ({ connected }) => connected === false);
    await client.endAsync();
    await noted;
    end();
    const gone = await show(thing.id);
    expect(gone.connected).toBe(false);
    expect(told).toEqual([{ connected: false, lastSeenAt: gone.lastSeenAt }]);
    expect(Date.parse(gone.lastSeenAt ?? '')).toBeGreaterThanOrEqual(Date.parse(came.lastSeenAt ?? ''));
  });

  test('is written at most every 10 s for one that sends all the time', async () => {
    const thing = await createThing(service);
    const told: unknown[] = [];
    const end = service.app.events.on(`things/${thing.id}`, ({ payload }) => void told.push(payload));
    let noted = nextEvent(service, `things/${thing.id}`, ({ lastSeenAt }) => lastSeenAt !== undefined);
    for (let i = 0; i < 100; i++) service.app.things.seen(thing.id);
    await noted;
    expect((await show(thing.id)).lastSeenAt).not.toBeNull();
    for (let i = 0; i < 100; i++) service.app.things.seen(thing.id);
    noted = nextEvent(service, `things/${thing.id}`, ({ type }) => type === 'Pi');
    await service.call('PATCH', `/api/things/${thing.id}`, { body: { type: 'Pi' } });
    await noted;
    end();
    expect(told).toEqual([{ lastSeenAt: expect.any(String) }, { type: 'Pi' }]);
  });

  test('is forgotten by a service that starts: its broker has nobody', async () => {
    const place = await lastingPlace();
    let own = await startService(place.env);
    const { id } = await createThing(own);
    await own.app.database.prisma.thingActivity.update({ where: { thingId: id }, data: { connected: true } });
    await own.close();
    own = await startService(place.env);
    expect(await own.call<Thing>('GET', `/api/things/${id}`)).toMatchObject({ connected: false });
    await own.close();
    await place.remove();
  });
});

describe('from created to verified', () => {
  /** What the module of messages records when a message of a thing is stored. */
  const collected = ({ id, ownerId }: Thing, type = 'egress'): Promise<void> =>
    service.app.events.transaction(async (_tx, record) =>
      record({
        topic: `things/${id}/messages/0197c0de-0000-7000-8000-000000000000`,
        operation: 'INSERTION',
        ownerId,
        payload: { type },
      }),
    );
  const told = (id: string, status: string): Promise<void> =>
    nextEvent(service, `things/${id}`, (payload) => payload.status === status);

  test('by one publish and one collected message, in either order, said once', async () => {
    for (const order of [
      ['test', 'collect'],
      ['collect', 'test'],
    ]) {
      const { thing, client } = await newConnectedThing(service);
      const statuses: unknown[] = [];
      const end = service.app.events.on(`things/${thing.id}`, ({ payload }) => {
        if (payload.status !== undefined) statuses.push(payload.status);
      });
      // A message to the thing is none from it.
      await collected(thing, 'ingress');
      for (const [i, step] of order.entries()) {
        const noted = told(thing.id, i === 0 ? 'created' : 'verified');
        if (step === 'test') await client.publishAsync('flashlex/test', '{"message":"hi"}', { qos: 1 });
        else await collected(thing);
        await noted;
        const now = await show(thing.id);
        expect(now.status).toBe(i === 0 ? 'created' : 'verified');
        expect(now.bootstrap[order[0] === 'test' ? 'publishedAt' : 'collectedAt']).not.toBeNull();
      }
      const { bootstrap } = await show(thing.id);
      await client.publishAsync('flashlex/test', '{}', { qos: 1 });
      await collected(thing);
      await client.publishAsync('flashlex/test', '{}', { qos: 1 });
      end();
      expect((await show(thing.id)).bootstrap).toEqual(bootstrap);
      expect(statuses).toEqual(['created', 'verified']);
      await client.endAsync();
    }
  });

  test('not by another thing that names it', async () => {
    const [victim, { thing, client }] = [await createThing(service), await newConnectedThing(service)];
    await client.publishAsync('flashlex/test', JSON.stringify({ thingId: victim.id }), { qos: 1 });
    expect((await show(thing.id)).bootstrap.publishedAt).not.toBeNull();
    expect((await show(victim.id)).bootstrap.publishedAt).toBeNull();
    await client.endAsync();
  });
});
