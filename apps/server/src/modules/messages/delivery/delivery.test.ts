import { type Event, type Message, type Problem, type Thing, thingTopics } from '@polyrelay/contract';
import type { MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { linkTo } from '../../../testing/database-link.js';
import { Listener } from '../../../testing/listener.js';
import { lastingPlace, newDatabase, startService, type TestService } from '../../../testing/service.js';
import { connectThing, createThing, setLimits, thingFiles } from '../../../testing/things.js';

let service: TestService;
const listeners: Listener[] = [];
beforeAll(async () => {
  service = await startService();
});
afterEach(async () => {
  for (const { client } of listeners.splice(0)) await client.endAsync(true);
});
afterAll(() => service.close());

async function listen(thing: Thing, options?: Parameters<typeof Listener.of>[2]): Promise<Listener> {
  const listener = await Listener.of(service, thing, options);
  listeners.push(listener);
  return listener;
}

const send = (thing: Thing, body: unknown, status = 201): Promise<Message & Problem> =>
  service.call('POST', `/api/things/${thing.id}/messages`, { body, status });

const publish = (thing: Thing, payload: unknown): Promise<Message> =>
  service.app.messages.publish(thing, JSON.stringify(payload));

/** Publishes so many numbers, all at once. */
const publishMany = (thing: Thing, count: number, from = 0): Promise<Message[]> =>
  Promise.all(numbers(count, from).map((n) => publish(thing, n)));

const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);

const payloads = (heard: { payload: unknown }[]): unknown[] => heard.map(({ payload }) => payload);

const rows = (thing: Thing) =>
  service.app.database.prisma.message.findMany({
    where: { thingId: thing.id },
    orderBy: [{ at: 'asc' }, { id: 'asc' }],
  });

/** Resolves when so many messages of a thing have a state. */
async function untilStates(thing: Thing, state: string, count: number): Promise<void> {
  let look = (): void => undefined;
  const end = service.app.events.on(`things/${thing.id}/messages/+`, () => look());
  await new Promise<void>((resolve, reject) => {
    look = () =>
      void service.app.database.prisma.message
        .count({ where: { thingId: thing.id, state } })
        .then((now) => now >= count && resolve(), reject);
    look();
  });
  end();
}

describe('a message to a thing that is there', () => {
  test('arrives as it is, is delivered, and every step is an event', async () => {
    const thing = await createThing(service);
    const listener = await listen(thing);
    const payload = { b: [1, null, 'ü'], a: { 'x y': true } };
    const message = await send(thing, { payload });
    expect(message).toMatchObject({ thingId: thing.id, type: 'ingress', state: 'queued', payload });
    expect(message.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(message.bytes).toBe(Buffer.byteLength(JSON.stringify(payload)));
    expect(await listener.until(1)).toEqual([{ topic: thingTopics(thing.name).ingress, payload }]);
    await untilStates(thing, 'delivered', 1);

    const { items } = await service.call<{ items: Event[] }>(
      'GET',
      `/api/events?topic=things/${thing.id}/messages/%2B`,
    );
    const topic = `things/${thing.id}/messages/${message.id}`;
    expect(
      items.toReversed().map(({ operation, payload, topic }) => ({ operation, payload, topic })),
    ).toEqual([
      {
        operation: 'INSERTION',
        topic,
        payload: {
          type: 'ingress',
          at: message.at,
          bytes: message.bytes,
          preview: JSON.stringify(payload),
          truncated: false,
          state: 'queued',
        },
      },
      { operation: 'UPDATE', topic, payload: { state: 'delivered', stateAt: expect.any(String) } },
    ]);
    expect(await service.call<Thing>('GET', `/api/things/${thing.id}`)).toMatchObject({ published: 1 });
  });

  test('is wrapped when it is a text, and has its id on the topic of envelopes', async () => {
    const thing = await createThing(service);
    const listener = await listen(thing, { topics: ['ingress', 'envelopes'] });
    const { id, at } = await send(thing, { text: 'Hallo “du”' });
    const payload = { message: { message: 'Hallo “du”' } };
    await send(thing, { payload: null });
    expect(await listener.until(2)).toMatchObject([
      { topic: thingTopics(thing.name).envelopes, payload: { id, at, payload } },
      { payload: { payload: null } },
    ]);
  });

  test('keeps its place, however many come at once', async () => {
    const thing = await createThing(service);
    const listener = await listen(thing);
    await publishMany(thing, 1000);
    expect(payloads(await listener.until(1000))).toEqual(numbers(1000));
    await untilStates(thing, 'delivered', 1000);
    expect((await rows(thing)).map(({ payload }) => payload)).toEqual(numbers(1000));
  });

  test('comes also when the clock was put back', async () => {
    const thing = await createThing(service);
    const listener = await listen(thing);
    await publish(thing, 1);
    await listener.until(1);
    await untilStates(thing, 'delivered', 1);
    await service.app.database.prisma.message.updateMany({
      where: { thingId: thing.id },
      data: { at: new Date(Date.now() + 7_200_000), state: 'queued' },
    });
    const again = await listen(thing, { clientId: 'again' });
    await again.until(1);
    await publish(thing, 2);
    expect(payloads(await again.until(2))).toEqual([1, 2]);
  });

  test('is sent, not delivered, where QoS 0 was subscribed, and does not come again', async () => {
    const thing = await createThing(service);
    const first = await listen(thing, { qos: 0 });
    await publish(thing, 1);
    await first.until(1);
    await untilStates(thing, 'sent', 1);
    await first.client.endAsync();
    await publish(thing, 2);
    const second = await listen(thing, { qos: 0 });
    expect(payloads(await second.until(1))).toEqual([2]);
    await untilStates(thing, 'sent', 2);
  });

  test('goes to every connection, and to no other thing', async () => {
    const [thing, other] = [await createThing(service), await createThing(service)];
    const foreign = await listen(other);
    const [one, two] = [await listen(thing), await listen(thing, { clientId: 'two', topics: ['envelopes'] })];
    await publish(thing, 1);
    await publish(other, 2);
    expect(payloads(await one.until(1))).toEqual([1]);
    expect(payloads(await two.until(1))).toMatchObject([{ payload: 1 }]);
    expect(payloads(await foreign.until(1))).toEqual([2]);
  });
});

describe('messages to a thing that is away', () => {
  test('wait in order, and none published meanwhile overtakes or is lost', async () => {
    const thing = await createThing(service);
    await publishMany(thing, 250);
    expect(new Set((await rows(thing)).map(({ state }) => state))).toEqual(new Set(['queued']));
    const listener = await listen(thing);
    await publishMany(thing, 250, 250);
    expect(payloads(await listener.until(500))).toEqual(numbers(500));
    await untilStates(thing, 'delivered', 500);
    expect(listener.heard).toHaveLength(500);
  });

  test('come again when they were not acknowledged, with the same ids, and only those', async () => {
    const thing = await createThing(service);
    const client = await connectThing(service, await thingFiles(service, thing));
    const stuck = sticking(client, 40);
    await client.subscribeAsync(thingTopics(thing.name).envelopes, { qos: 1 });
    const messages = await publishMany(thing, 60);
    await stuck;
    await untilStates(thing, 'delivered', 40);
    client.stream.destroy();
    const listener = await listen(thing, { topics: ['envelopes'] });
    await publish(thing, 'last');
    const heard = payloads(await listener.until(21)) as { id: string; payload: unknown }[];
    expect(heard.map(({ payload }) => payload)).toEqual([...numbers(20, 40), 'last']);
    expect(heard.slice(0, 20).map(({ id }) => id)).toEqual(messages.slice(40).map(({ id }) => id));
    await untilStates(thing, 'delivered', 61);
  });

  test('large ones come piece by piece', async () => {
    const thing = await createThing(service);
    const large = 'x'.repeat(200_000);
    for (const n of numbers(12)) await publish(thing, [n, large]);
    const listener = await listen(thing);
    expect((payloads(await listener.until(12)) as [number, string][]).map(([n]) => n)).toEqual(numbers(12));
    await untilStates(thing, 'delivered', 12);
  });

  test('are there after the service was restarted', async () => {
    const place = await lastingPlace();
    const before = await startService(place.env);
    const thing = await createThing(before);
    await Promise.all(numbers(5).map((n) => before.app.messages.publish(thing, String(n))));
    await before.close();
    const after = await startService(place.env);
    const listener = await Listener.of(after, thing);
    expect(payloads(await listener.until(5))).toEqual(numbers(5));
    await listener.client.endAsync(true);
    await after.close();
    await place.remove();
  });
});

test('what was acknowledged while the database was away is written when it is back', async () => {
  const database = await newDatabase();
  const link = await linkTo(database.url);
  const cut = await startService({ DATABASE_URL: link.url });
  const thing = await createThing(cut);
  const client = await connectThing(cut, await thingFiles(cut, thing));
  let release = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    client.handleMessage = (_packet, done) => {
      release = () => done();
      resolve();
    };
  });
  await client.subscribeAsync(thingTopics(thing.name).ingress, { qos: 1 });
  await cut.app.messages.publish(thing, '1');
  await arrived;
  const delivered = new Promise<void>((resolve) => {
    cut.app.events.on(`things/${thing.id}/messages/+`, ({ payload }) => {
      if (payload.state === 'delivered') resolve();
    });
  });
  link.cut();
  release();
  await expect(cut.app.messages.publish(thing, '2')).rejects.toThrow();
  link.restore();
  await delivered;
  await client.endAsync(true);
  await cut.close();
  await link.cut();
  await database.drop();
});

describe('what is refused', () => {
  test('things that are not there, not mine, or disabled', async () => {
    const thing = await createThing(service);
    await send({ ...thing, id: '00000000-0000-4000-8000-000000000000' }, { text: 'x' }, 404);
    await service.call('POST', `/api/things/${thing.id}/messages`, {
      body: { text: 'x' },
      status: 401,
      anonymous: true,
    });
    await service.app.database.prisma.thing.update({ where: { id: thing.id }, data: { enabled: false } });
    const { code, detail } = await send(thing, { text: 'x' }, 409);
    expect({ code, detail }).toEqual({
      code: 'thingDisabled',
      detail: `${thing.name} is disabled and gets no messages. Enable it in its settings first.`,
    });
    expect(await rows(thing)).toEqual([]);
  });

  test('bodies that are no message, too large or nested too deep', async () => {
    const thing = await createThing(service);
    for (const body of [{}, [], 3, { text: '' }, { text: 1 }, { text: 'x', payload: 1 }, { payloads: 1 }])
      await send(thing, body, 400);
    const nested = (depth: number): unknown =>
      JSON.parse(`${'[{"a":'.repeat(depth / 2)}0${'}]'.repeat(depth / 2)}`);
    expect((await send(thing, { payload: nested(100) }, 400)).detail).toContain(
      'nested more than 64 levels deep',
    );
    await send(thing, { payload: nested(64) });
    // Brackets and quotes in texts do not count.
    await send(thing, { payload: `\\"${'[{'.repeat(100)}"` });
    expect((await send(thing, { text: 'x'.repeat(256 * 1024) }, 413)).code).toBe('messageTooLarge');
    await send(thing, { payload: '😀'.repeat(400) });
    expect(await rows(thing)).toHaveLength(3);
    await expect(service.app.messages.publish(thing, '{"a":')).rejects.toMatchObject({ code: 'notJson' });
    await expect(service.app.messages.publish(thing, '['.repeat(200_000))).rejects.toMatchObject({
      code: 'tooDeep',
    });
  });

  test('what is over the policy’s limit, and nothing of it is stored', async () => {
    const owned = await startService();
    const thing = await createThing(owned);
    await setLimits(owned, { published: 3 });
    const outcomes = await Promise.allSettled(
      numbers(5).map((n) => owned.app.messages.publish(thing, String(n))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...Array(3).fill('fulfilled'),
      ...Array(2).fill('rejected'),
    ]);
    const { code, detail } = await owned.call<Problem>('POST', `/api/things/${thing.id}/messages`, {
      body: { text: 'x' },
      status: 403,
    });
    expect({ code, detail }).toMatchObject({
      code: 'overLimit',
      detail: expect.stringContaining('3 published'),
    });
    expect(await owned.app.database.prisma.message.count()).toBe(3);
    await owned.close();
  });
});

/** Resolves when a client has taken so many messages; it acknowledges those and no more. */
function sticking(client: MqttClient, count: number): Promise<void> {
  return new Promise((resolve) => {
    let taken = 0;
    client.on('error', () => undefined);
    client.handleMessage = (_packet, done) => {
      if (taken++ < count) done();
      else resolve();
    };
  });
}
