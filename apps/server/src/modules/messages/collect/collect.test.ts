import { randomUUID } from 'node:crypto';
import {
  type AuditEntry,
  type Message,
  type MessageSummary,
  type Thing,
  thingTopics,
} from '@polyrelay/contract';
import type { MqttClient } from 'mqtt';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isDatabaseAway } from '#core/database/database.js';
import { linkTo } from '../../../testing/database-link.js';
import { newDatabase, signIn, startService, type TestService } from '../../../testing/service.js';
import { createThing, newConnectedThing, setLimits } from '../../../testing/things.js';

let service: TestService;
let thing: Thing;
beforeAll(async () => {
  service = await startService();
  thing = await createThing(service);
});
afterAll(() => service.close());

/** Publishes on the collect topic; resolves when it is acknowledged. */
const publish = async (client: MqttClient, payload: string | Buffer): Promise<void> => {
  await client.publishAsync('flashlex/collect', payload, { qos: 1 });
};

/** All messages of a thing, oldest first. */
async function stored(id: string, of = service): Promise<MessageSummary[]> {
  const items: MessageSummary[] = [];
  for (let cursor = ''; ; ) {
    const page = await of.call<{ items: MessageSummary[]; nextCursor: string | null }>(
      'GET',
      `/api/things/${id}/messages?limit=500${cursor}`,
    );
    items.push(...page.items);
    if (page.nextCursor === null) return items.reverse();
    cursor = `&cursor=${page.nextCursor}`;
  }
}

const collect = (of: Thing, value: unknown, id?: string) =>
  service.app.messages.collect(of, JSON.stringify(value), id === undefined ? {} : { id });

const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'taken',
    (error) => error.code,
  );

const limit = async (collected: number | null): Promise<void> => {
  await service.app.database.pool.query('DELETE FROM usage');
  await setLimits(service, { collected });
};

describe('over MQTT', () => {
  test('messages are committed when they are acknowledged, as they came, in their order', async () => {
    const { thing: own, client } = await newConnectedThing(service);
    await publish(client, '{"z":1, "a":12345678901234567890}');
    const [message] = await stored(own.id);
    expect(message).toMatchObject({ type: 'egress', thingId: own.id, state: null, truncated: false });
    expect(message?.preview).toBe('{"z":1, "a":12345678901234567890}');
    const response = await service.fetch(`/api/things/${own.id}/messages/${message?.id}`);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.text()).toContain('"payload":{"z":1, "a":12345678901234567890}}');

    await Promise.all(Array.from({ length: 500 }, (_, n) => publish(client, String(n))));
    expect((await stored(own.id)).slice(1).map(({ preview }) => Number(preview))).toEqual(
      Array.from({ length: 500 }, (_, n) => n),
    );
    await client.endAsync();
  });

  test('many things at once lose nothing, and each is counted', async () => {
    const peers = await Promise.all(Array.from({ length: 5 }, () => newConnectedThing(service)));

    const before = service.app.metrics.perMinute('messagesCollected').reduce((sum, n) => sum + n, 0);
    await Promise.all(
      peers.flatMap(({ client }) =>
        Array.from({ length: 100 }, (_, n) => publish(client, JSON.stringify({ n }))),
      ),
    );
    for (const { thing: own, client } of peers) {
      const all = await stored(own.id);
      expect(all.map(({ preview }) => JSON.parse(preview).n)).toEqual(
        Array.from({ length: 100 }, (_, n) => n),
      );
      const now = await service.call<Thing>('GET', `/api/things/${own.id}`);
      expect(now.collected).toBe(100);
      expect(now.lastSeenAt).toBe(all.at(-1)?.at);
      await client.endAsync();
    }
    const after = service.app.metrics.perMinute('messagesCollected').reduce((sum, n) => sum + n, 0);
    expect(after - before).toBe(500);
  });

  test('what is refused is told in the audit log, the connection stays', async () => {
    const { thing: own, client } = await newConnectedThing(service);
    await publish(client, 'not json');
    await publish(client, Buffer.from([0x22, 0xff, 0x22]));
    await publish(client, '['.repeat(100) + ']'.repeat(100));
    await publish(client, `"${'x'.repeat(256 * 1024 - 1)}"`);
    await publish(client, '"\\u0000"');
    await publish(client, '');
    await publish(client, '"good"');
    expect((await stored(own.id)).map(({ preview }) => preview)).toEqual(['"good"']);
    await client.endAsync();
    const { items } = await service.call<{ items: AuditEntry[] }>('GET', '/api/audit');
    const [entry] = items.filter(({ target }) => target === own.name);
    expect(entry).toMatchObject({
      actor: `thing ${own.name}`,
      action: 'message.refused',
      detail: { topic: 'flashlex/collect', code: 'notJson', why: expect.stringMatching(/not JSON/) },
    });
  });

  test('a topic with a name counts only from an outside broker', async () => {
    const own = await createThing(service);
    const topic = thingTopics(own.name).ownCollect;
    const send = (payload: string, topic: string) =>
      service.app.mqtt.events.message({
        topic,
        payload: Buffer.from(payload),
        qos: 1,
        identity: null,
        otherConnections: 0,
      });
    await Promise.all([0, 1, 2, 3].map((n) => send(String(n), topic)));
    await send('4', thingTopics(own.name).collect);
    await send('5', `${topic}/more`);
    await send('6', thingTopics('nobody').ownCollect);
    await send('broken', topic);
    expect((await stored(own.id)).map(({ preview }) => preview)).toEqual(['0', '1', '2', '3']);
  });

  test('a worker cannot collect', async () => {
    await service.app.mqtt.events.message({
      topic: 'flashlex/collect',
      payload: Buffer.from('1'),
      qos: 1,
      identity: { kind: 'worker', id: thing.id, mayPublish: () => true, maySubscribe: () => true },
      otherConnections: 0,
    });
    expect(await stored(thing.id)).toEqual([]);
  });
});

describe('an id that the thing chose', () => {
  test('stores a message once, at once, later, and within one batch', async () => {
    const own = await createThing(service);
    const id = randomUUID();
    const all = await Promise.all(Array.from({ length: 20 }, () => collect(own, 1, id)));
    const again = await collect(own, 1, id.toUpperCase());
    for (const answer of all) expect(answer).toEqual(again);
    expect(again.id).toBe(id);
    expect(await stored(own.id)).toHaveLength(1);
    expect((await service.call<Thing>('GET', `/api/things/${own.id}`)).collected).toBe(1);
  });

  test('is refused when another thing has it, also within one batch', async () => {
    const [one, other] = [await createThing(service), await createThing(service)];
    const id = randomUUID();
    const answers = await Promise.all([
      codeOf(collect(one, 1, id)),
      codeOf(collect(other, 1, id)),
      codeOf(collect(one, 1, id)),
    ]);
    expect(answers).toEqual(['taken', 'idTaken', 'taken']);
    expect(await codeOf(collect(other, 1, id))).toBe('idTaken');
    expect(await stored(other.id)).toEqual([]);
    expect(await codeOf(collect(one, 1, 'mine'))).toBe('invalidId');
  });

  test('that another replica stores meanwhile is found, with its answer', async () => {
    const own = await createThing(service);
    const id = randomUUID();
    const replica = new pg.Client({ ...service.app.database.pool.options });
    await replica.connect();
    await replica.query('BEGIN');
    await replica.query(
      `INSERT INTO messages (id, thing_id, type, at, payload, bytes) VALUES ($1, $2, 'egress', '2026-01-01', '1', 1)`,
      [id, own.id],
    );
    const pending = collect(own, 1, id);
    const other = collect(own, 2);
    const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'`;
    while ((await service.app.database.pool.query(WAITING)).rowCount === 0);
    await replica.query('COMMIT');
    await replica.end();
    expect(await pending).toEqual({ id, at: new Date('2026-01-01') });
    await other;
    expect((await stored(own.id)).map(({ preview }) => preview)).toEqual(['1', '2']);
  });
});

describe('a batch', () => {
  test('goes on without those of a thing that was deleted or disabled', async () => {
    const [good, gone, disabled] = [
      await createThing(service),
      await createThing(service),
      await createThing(service),
    ];
    await service.app.database.prisma.thing.delete({ where: { id: gone.id } });
    await service.app.database.prisma.thing.update({ where: { id: disabled.id }, data: { enabled: false } });
    const answers = await Promise.all([good, gone, disabled, good].map((own, n) => codeOf(collect(own, n))));
    expect(answers).toEqual(['taken', 'notFound', 'thingDisabled', 'taken']);
    expect((await stored(good.id)).map(({ preview }) => preview)).toEqual(['0', '3']);
  });

  test('holds what is within the limit of each user, and no more', async () => {
    const member = { email: 'member@example.org', password: 'member member', role: 'member' };
    await service.call('POST', '/api/users', { body: member, status: 201 });
    const cookie = await signIn(service.url, member);
    const [own, theirs] = [
      await createThing(service),
      await service.call<Thing>('POST', '/api/things', {
        body: { name: 'theirs' },
        status: 201,
        headers: { cookie },
      }),
    ];
    await limit(30);
    const answers = await Promise.all(
      [own, theirs].flatMap((each) => Array.from({ length: 50 }, (_, n) => codeOf(collect(each, n)))),
    );
    for (const half of [answers.slice(0, 50), answers.slice(50)])
      expect(half).toEqual([...Array(30).fill('taken'), ...Array(20).fill('overLimit')]);
    expect(await stored(own.id)).toHaveLength(30);
    // One that is stored already is none more.
    const id = randomUUID();
    await limit(1);
    await collect(own, 1, id);
    expect(await codeOf(collect(own, 1, id))).toBe('taken');
    expect(await codeOf(collect(own, 1))).toBe('overLimit');
    const usage = await service.app.database.prisma.usage.findMany({ where: { userId: own.ownerId } });
    expect(usage.map(({ collected }) => Number(collected))).toEqual([1]);
    await limit(null);
  });

  test('tells of each message, in the order of the log', async () => {
    const own = await createThing(service);
    const long = 'x'.repeat(498) + '😀'.repeat(200);
    const heard: unknown[] = [];
    // They are told of after the calls are answered.
    const told = new Promise<void>((resolve) => {
      const end = service.app.events.on(`things/${own.id}/messages/+`, ({ payload }) => {
        if (heard.push(payload) < 3) return;
        end();
        resolve();
      });
    });
    const [first] = await Promise.all([
      collect(own, long),
      collect(own, { n: 2 }),
      service.app.messages.collect(own, ' \n"ä\\u00e4" '),
    ]);
    await told;
    const { items } = await service.call<{ items: { topic: string; operation: string; payload: Message }[] }>(
      'GET',
      `/api/events?after=0&limit=1000&topic=things/${own.id}/messages/%2B`,
    );
    expect(items).toMatchObject([
      {
        topic: `things/${own.id}/messages/${first.id}`,
        operation: 'INSERTION',
        payload: {
          type: 'egress',
          at: first.at.toISOString(),
          bytes: 1300,
          preview: `"${'x'.repeat(498)}`,
          truncated: true,
          state: null,
        },
      },
      { payload: { preview: '{"n":2}', truncated: false, bytes: 7 } },
      // Space around it is counted and not kept.
      { payload: { preview: '"ä\\u00e4"', truncated: false, bytes: 13 } },
    ]);
    expect(heard).toEqual(items.map(({ payload }) => payload));
    const [summary] = await stored(own.id);
    expect(summary).toMatchObject({ preview: `"${'x'.repeat(498)}`, truncated: true });
  });
});

test('while the database is away callers are told, MQTT waits and keeps the order', async () => {
  const database = await newDatabase();
  const link = await linkTo(database.url);
  const other = await startService({ DATABASE_URL: link.url });
  const { thing: own, client } = await newConnectedThing(other);
  await publish(client, '"before"');
  await link.cut();
  const sent = [0, 1, 2, 3, 4].map((n) => publish(client, String(n)));
  // Away for longer than a try lasts, so that they fail, and wait.
  for (let n = 0; n < 3; n++) {
    const failure: unknown = await other.app.messages.collect(own, '"http"').catch((error: unknown) => error);
    expect(isDatabaseAway(failure)).toBe(true);
  }
  await link.restore();
  sent.push(...[5, 6, 7].map((n) => publish(client, String(n))));
  await Promise.all(sent);
  expect((await stored(own.id, other)).map(({ preview }) => preview)).toEqual(['"before"', ...'01234567']);
  await client.endAsync();
  await other.close();
  await link.cut();
  await database.drop();
});
