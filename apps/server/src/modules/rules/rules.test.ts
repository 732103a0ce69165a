import { sign } from 'node:crypto';
import type { NodeServer, Rule, RulePreview, RuleRequest, Thing } from '@polyrelay/contract';
import type { SimulatedWorker } from '@polyrelay/testkit';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newChannel } from '../../testing/channels.js';
import { connectWorker, registerLocal } from '../../testing/node-servers.js';
import { channelMessages, channelTexts, createRule, untilMessages } from '../../testing/rules.js';
import { signIn, startService, type TestService } from '../../testing/service.js';
import { createThing, newConnectedThing, type ThingFiles, thingFiles } from '../../testing/things.js';

const ALL_THINGS = { kind: 'things', things: 'all' } as const;
const ALL_NODE_SERVERS = { kind: 'nodeServers', nodeServers: 'all' } as const;
const SOMEBODY = { email: 'somebody@example.org', password: 'a long enough password', role: 'member' };

type Channel = Awaited<ReturnType<typeof newChannel>>;

let service: TestService;
let pump: { thing: Thing; client: MqttClient };
let nodeServer: NodeServer;
let worker: SimulatedWorker;
let channel: Channel;

beforeAll(async () => {
  service = await startService();
  pump = await newConnectedThing(service);
  nodeServer = await registerLocal(service);
  worker = await connectWorker(service, nodeServer);
  await worker.addController();
  await worker.addNode({ address: 'n1', name: 'Garden', drivers: { ST: { value: 0, uom: 4 } } });
  await service.call('POST', '/api/users', { body: SOMEBODY, status: 201 });
});
afterAll(async () => {
  pump.client.end(true);
  await worker.stop();
  await service.close();
});
beforeEach(async () => {
  // What earlier tests made must not take what this one sends.
  await service.app.database.pool.query('DELETE FROM channels');
  channel = await newChannel(service);
});

const publish = (payload: string): Promise<unknown> =>
  pump.client.publishAsync('flashlex/collect', payload, { qos: 1 });
const rulesOf = async ({ id }: Channel): Promise<Rule[]> =>
  (await service.call<{ items: Rule[] }>('GET', `/api/channels/${id}/rules`)).items;
const change = (of: Channel, rule: Rule, body: Record<string, unknown>): Promise<Rule> =>
  service.call<Rule>('PATCH', `/api/channels/${of.id}/rules/${rule.id}`, { body });
const values = (messages: Record<string, unknown>[]): unknown[] => messages.map(({ value }) => value);

/** Sends over HTTP as the SDK does. */
async function collect(thing: Thing, files: ThingFiles, body: string): Promise<void> {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: `urn:thing:${thing.id}`,
    aud: `urn:flashlex:${thing.id}`,
    iat: now,
    nbf: now - 360,
    exp: now + 360,
  };
  const head = `${part({ alg: 'RS256', typ: 'JWT', kid: thing.id })}.${part(claims)}`;
  const token = `${head}.${sign('sha256', Buffer.from(head), files.privateKey).toString('base64url')}`;
  const answer = await fetch(`${service.url}/v1/things/${thing.id}/collect`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  });
  expect(answer.status).toBe(200);
}

describe('messages of things', () => {
  test('come into the channel flat, over MQTT and HTTP, with their digits, also when they are long', async () => {
    const rule = await createRule(service, channel.id, { source: ALL_THINGS });
    await publish('{"battery":{"level":80},"serial":12345678901234567890}');
    const other = await createThing(service);
    const long = 'x'.repeat(2000);
    await collect(other, await thingFiles(service, other), JSON.stringify({ note: long }));
    const [first, second] = await untilMessages(service, channel.id, 2);
    expect(first).toEqual({
      ident: pump.thing.name,
      timestamp: expect.any(Number),
      'battery.level': 80,
      serial: expect.anything(),
      'thing.id': pump.thing.id,
      'thing.name': pump.thing.name,
      'message.id': expect.any(String),
    });
    expect((await channelTexts(service.app, channel.id))[0]).toContain('"serial":12345678901234567890');
    expect(second).toMatchObject({ ident: other.name, note: long });
    expect(await rulesOf(channel)).toEqual([
      { ...rule, added: 2, lastAt: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
  });

  test('are kept and renamed as each rule says, and several rules add each their own', async () => {
    const source: RuleRequest['source'] = { kind: 'things', things: [pump.thing.id] };
    await createRule(service, channel.id, { source, keep: ['a.*'], rename: { 'a.b': 'c', id: 'ident' } });
    await createRule(service, channel.id, { source, keep: ['id'], rename: { id: 'ident' } });
    const second = await newChannel(service);
    await createRule(service, second.id, { source: { kind: 'things', things: 'all' }, keep: ['a.b'] });
    await publish('{"a":{"b":1,"d":2},"id":"valve","timestamp":1700000000.25}');
    const timestamp = 1700000000.25;
    expect(await untilMessages(service, channel.id, 2)).toEqual([
      { ident: pump.thing.name, timestamp, c: 1, 'a.d': 2 },
      { ident: 'valve', timestamp },
    ]);
    expect(await untilMessages(service, second.id, 1)).toEqual([
      { ident: pump.thing.name, timestamp, 'a.b': 1 },
    ]);
  });

  test('before a rule was made or while it was disabled stay out', async () => {
    await publish('1');
    const rule = await createRule(service, channel.id, { source: ALL_THINGS });
    await publish('2');
    await untilMessages(service, channel.id, 1);
    expect((await change(channel, rule, { enabled: false })).enabled).toBe(false);
    await publish('3');
    await change(channel, rule, { enabled: true, name: 'again' });
    await publish('4');
    expect(values(await untilMessages(service, channel.id, 2))).toEqual([2, 4]);
    expect(await rulesOf(channel)).toMatchObject([{ name: 'again', enabled: true, added: 2 }]);
  });

  test('of other things than those chosen stay out; a rule may choose others', async () => {
    const other = await createThing(service);
    const rule = await createRule(service, channel.id, { source: { kind: 'things', things: [other.id] } });
    await publish('1');
    await service.app.messages.collect(other, '2');
    await untilMessages(service, channel.id, 1);
    await change(channel, rule, { source: { kind: 'things', things: [pump.thing.id] } });
    await service.app.messages.collect(other, '3');
    await publish('4');
    expect(values(await untilMessages(service, channel.id, 2))).toEqual([2, 4]);
  });

  test('go where the rules of each channel say, whatever changes about those of another', async () => {
    const second = await newChannel(service);
    const rule = await createRule(service, channel.id, { source: ALL_THINGS });
    await createRule(service, second.id, { source: ALL_THINGS });
    await publish('1');
    await untilMessages(service, channel.id, 1);
    await change(channel, rule, { keep: ['nothing'] });
    await publish('2');
    expect(values(await untilMessages(service, channel.id, 2))).toEqual([1, undefined]);
    await service.call('DELETE', `/api/channels/${channel.id}/rules/${rule.id}`, { status: 204 });
    await publish('3');
    expect(values(await untilMessages(service, second.id, 3))).toEqual([1, 2, 3]);
    await service.call('DELETE', `/api/channels/${second.id}`, { status: 204 });
    await createRule(service, channel.id, { source: ALL_THINGS });
    await publish('4');
    expect(values(await untilMessages(service, channel.id, 3))).toEqual([1, undefined, 4]);
  });

  test('of a thing that is deleted later stay; its rule can be changed and takes the others', async () => {
    const other = await createThing(service);
    const source: RuleRequest['source'] = { kind: 'things', things: [other.id, pump.thing.id] };
    const rule = await createRule(service, channel.id, { source });
    await service.app.messages.collect(other, '1');
    await untilMessages(service, channel.id, 1);
    await service.call('DELETE', `/api/things/${other.id}`, { status: 204 });
    await change(channel, rule, { source, name: 'still there' });
    await publish('2');
    expect(values(await untilMessages(service, channel.id, 2))).toEqual([1, 2]);
  });

  test('go into a channel that takes none nowhere, are counted, and others go on', async () => {
    const closed = await newChannel(service, { enabled: false });
    await createRule(service, closed.id, { source: ALL_THINGS });
    await createRule(service, channel.id, { source: ALL_THINGS });
    await publish('1');
    await untilMessages(service, channel.id, 1);
    expect(await channelMessages(service, closed.id)).toEqual([]);
    expect(await rulesOf(closed)).toMatchObject([{ added: 0, lastAt: null }]);
    const metrics = await (await service.fetch('/metrics')).text();
    expect(metrics).toMatch(/^polyrelay_rule_skipped_total\{reason="channelDisabled"\} 1$/m);
  });

  test('in a storm come each once, in their order', async () => {
    await createRule(service, channel.id, { source: ALL_THINGS });
    await Promise.all(Array.from({ length: 1500 }, (_, n) => publish(String(n))));
    expect(values(await untilMessages(service, channel.id, 1500))).toEqual(
      Array.from({ length: 1500 }, (_, n) => n),
    );
  });
});

test('values of drivers come with the names of their node, those of chosen drivers alone', async () => {
  await createRule(service, channel.id, { source: ALL_NODE_SERVERS });
  const second = await newChannel(service);
  const source: RuleRequest['source'] = {
    kind: 'nodeServers',
    nodeServers: [nodeServer.id],
    drivers: ['GV1'],
  };
  await createRule(service, second.id, { source });
  await worker.status('n1', 'ST', 21.5, 4);
  await worker.status('n1', 'GV1', '7', 56);
  const common = {
    ident: `${nodeServer.name}.n1`,
    timestamp: expect.any(Number),
    'node.address': 'n1',
    'node.name': 'Garden',
    'node_server.id': nodeServer.id,
    'node_server.name': nodeServer.name,
  };
  const value = { ...common, 'driver.GV1': 7, 'driver.GV1.uom': 56 };
  expect(await untilMessages(service, channel.id, 2)).toEqual([
    { ...common, 'driver.ST': 21.5, 'driver.ST.uom': 4 },
    value,
  ]);
  expect(await untilMessages(service, second.id, 1)).toEqual([value]);
});

test('the preview shows the latest facts before and after, and every field', async () => {
  await publish('{"position":{"latitude":1,"speed":2},"level":5}');
  const body = { source: ALL_THINGS, keep: ['position.*'], rename: { 'position.speed': 'speed' } };
  const path = `/api/channels/${channel.id}/rules/preview`;
  const things = await service.call<RulePreview>('POST', path, { body });
  expect(things.items.length).toBeLessThanOrEqual(10);
  expect(things.items[0]).toEqual({
    at: expect.any(String),
    from: pump.thing.name,
    before: expect.objectContaining({ level: 5, 'position.speed': 2 }),
    after: { ident: pump.thing.name, timestamp: expect.any(Number), 'position.latitude': 1, speed: 2 },
  });
  expect(things.fields).toEqual(expect.arrayContaining(['level', 'position.latitude', 'message.id']));
  await worker.status('n1', 'ST', 3, 4);
  const source = { kind: 'nodeServers', nodeServers: [nodeServer.id], drivers: ['ST'] };
  const drivers = await service.call<RulePreview>('POST', path, { body: { source } });
  expect(drivers.items[0]).toMatchObject({ from: 'Garden', before: { 'driver.ST': 3 } });
  expect(drivers.items.every(({ after }) => 'driver.ST' in after)).toBe(true);
  expect(await channelMessages(service, channel.id)).toEqual([]);
});

test('names of fields are bounded in number', async () => {
  const rename = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`a${i}`, 'b']));
  const path = `/api/channels/${channel.id}/rules`;
  await service.call('POST', path, { body: { source: ALL_THINGS, rename }, status: 400 });
  const { a0: _, ...fewer } = rename;
  await service.call('POST', path, { body: { source: ALL_THINGS, rename: fewer }, status: 201 });
});

describe('who may what', () => {
  test('a rule is its channel’s; it is read, changed and deleted there alone, and that is told and noted', async () => {
    const heard: string[] = [];
    const end = service.app.events.on('channels/+/rules/+', ({ operation, topic }) => {
      heard.push(`${operation} ${topic}`);
    });
    const rule = await createRule(service, channel.id, { source: ALL_THINGS, name: 'all' });
    const path = `/api/channels/${channel.id}/rules/${rule.id}`;
    expect(await service.call('GET', path)).toEqual(rule);
    const other = await newChannel(service);
    const elsewhere = `/api/channels/${other.id}/rules/${rule.id}`;
    for (const [method, body] of [['GET'], ['DELETE'], ['PATCH', { name: 'x' }]] as const)
      await service.call(method, elsewhere, { status: 404, ...(body === undefined ? {} : { body }) });
    await change(channel, rule, { keep: ['a'] });
    await service.call('DELETE', path, { status: 204 });
    await service.call('DELETE', path, { status: 404 });
    await publish('1');
    expect(await channelMessages(service, channel.id)).toEqual([]);
    const topic = `channels/${channel.id}/rules/${rule.id}`;
    await expect.poll(() => heard).toEqual([`INSERTION ${topic}`, `UPDATE ${topic}`, `DELETION ${topic}`]);
    end();
    const { items } = await service.call<{ items: { action: string }[] }>('GET', '/api/audit?limit=10');
    const own = items.map(({ action }) => action).filter((action) => action.startsWith('rule.'));
    expect(own.slice(0, 3)).toEqual(['rule.delete', 'rule.change', 'rule.create']);
  });

  test('what is somebody else’s is no source, nor is anything unknown; each is named', async () => {
    const cookie = await signIn(service.url, SOMEBODY);
    const headers = { cookie };
    const theirs = await service.call<{ id: string }>('POST', '/api/things', {
      body: { name: 'theirs' },
      headers,
      status: 201,
    });
    const path = `/api/channels/${channel.id}/rules`;
    await service.call('GET', path, { headers, status: 404 });
    await service.call('POST', path, { headers, body: { source: ALL_THINGS }, status: 404 });
    const source = { kind: 'things', things: [pump.thing.id, theirs.id] };
    for (const [to, body] of [
      [path, { source }],
      [`${path}/preview`, { source }],
    ] as const)
      expect(await service.call('POST', to, { body, status: 400 })).toMatchObject({
        code: 'unknownSource',
        errors: [{ path: 'source.things.1' }],
      });
    const rule = await createRule(service, channel.id, { source: ALL_THINGS });
    const unknown = { kind: 'nodeServers', nodeServers: [theirs.id] };
    await service.call('PATCH', `${path}/${rule.id}`, { body: { source: unknown }, status: 400 });
    // All means all of the channel's owner.
    await service.app.messages.collect(
      { id: theirs.id, ownerId: await ownerOf(theirs.id), name: 'theirs' },
      '1',
    );
    await publish('2');
    expect(values(await untilMessages(service, channel.id, 1))).toEqual([2]);
  });
});

const ownerOf = async (id: string): Promise<string> =>
  (await service.app.database.prisma.thing.findUniqueOrThrow({ where: { id } })).ownerId;
