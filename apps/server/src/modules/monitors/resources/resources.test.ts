import { inflateSync } from 'node:zlib';
import { connectwareIdOf } from '@polyrelay/codecs/push-resource';
import { parseTopics } from '@polyrelay/codecs/push-topic';
import { parseXml } from '@rgrove/parse-xml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NewEvent } from '#core/events/types.js';
import { connectWorker, nextEvent, registerLocal } from '../../../testing/node-servers.js';
import { startService, type TestService } from '../../../testing/service.js';
import { createThing } from '../../../testing/things.js';
import { type Place, type PushMessage, placeAfter, placeOf } from '../types.js';

import type { Resources } from './index.js';
import { Numbers } from './numbers.js';

let service: TestService;
let resources: Resources;
let ownerId: string;
let cstId: number;

beforeAll(async () => {
  service = await startService();
  resources = service.app.monitors.resources;
  ({ id: ownerId } = await service.app.database.prisma.user.findFirstOrThrow());
  cstId = await resources.customerId(ownerId);
});
afterAll(() => service.close());

/** The end of the log. */
const now = async (): Promise<Place> => {
  const { rows } = await service.app.database.pool.query('SELECT max(id) AS last FROM events');
  return placeAfter(Number(rows[0].last));
};

const STANDARD = { formatType: 'json', schemaType: null, schemaData: '', compression: 'none' } as const;

/** All that topics mean behind a place. */
async function readAll(topics: string, after: Place, monitorId?: number): Promise<PushMessage[]> {
  const messages: PushMessage[] = [];
  for (let place = after; ; ) {
    const part = await resources.read(ownerId, parseTopics(topics), place, { limit: 3, monitorId });
    messages.push(...part.messages);
    if (part.end) return messages;
    expect(part.place).toBeGreaterThan(place);
    place = part.place;
  }
}

const pushed = async (topics: string, after: Place): Promise<Record<string, unknown>[]> =>
  (await readAll(topics, after)).map(({ json }) => JSON.parse(json));

const record = (...events: Partial<NewEvent>[]): Promise<void> =>
  service.app.events.sql(async (_client, add) => {
    for (const event of events) add({ topic: 'facts/1', operation: 'UPDATE', ownerId, ...event });
  });

describe('node servers', () => {
  test('come, are connected, go away and are deleted', async () => {
    const after = await now();
    const nodeServer = await registerLocal(service);
    const path = `nodeServers/${nodeServer.id}`;
    const worker = await connectWorker(service, nodeServer);
    const left = nextEvent(service, path, ({ connected }) => connected === false);
    await worker.stop();
    await left;
    const gone = nextEvent(service, path, (_payload, operation) => operation === 'DELETION');
    await service.call('DELETE', `/api/node-servers/${nodeServer.id}`, { status: 202 });
    await gone;
    const numbers = await resources.deviceIds([{ kind: 'nodeServer', id: nodeServer.id, ownerId }]);
    const devId = numbers.get(nodeServer.id);
    const messages = await pushed('DeviceCore', after);
    expect(
      messages.map(({ operation, DeviceCore }) => [operation, (DeviceCore as Status).dpConnectionStatus]),
    ).toEqual([
      ['INSERTION', 0],
      ['UPDATE', 1],
      ['UPDATE', 0],
      ['UPDATE', 0],
      ['DELETION', 0],
    ]);
    expect(messages[0]).toEqual({
      topic: `${cstId}/DeviceCore/${devId}/0`,
      operation: 'INSERTION',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      group: '*',
      DeviceCore: {
        id: { devId, devVersion: 0 },
        devConnectwareId: connectwareIdOf(nodeServer.id),
        ...{ cstId, grpId: 2, grpPath: `/${cstId}_Polyrelay/` },
        dpConnectionStatus: 0,
        dpDescription: nodeServer.name,
        dpDeviceType: 'nodeServer',
      },
    });
    expect(await pushed(`DeviceCore[D]/${devId}`, after)).toHaveLength(1);
    expect(await pushed(`DeviceCore/${Number(devId) + 1}`, after)).toEqual([]);
  });

  test('values of drivers are points and streams, with units and an id that stays', async () => {
    const nodeServer = await registerLocal(service);
    const worker = await connectWorker(service, nodeServer);
    await worker.send({
      addnode: {
        ...{ address: 'n1', name: 'Roof', nodedefid: 'd', primary: 'n1' },
        drivers: [{ driver: 'GV1', value: '0', uom: 17 }],
      },
    });
    const after = await now();
    const changed = nextEvent(service, `nodeServers/${nodeServer.id}/nodes/n1/drivers/GV1`);
    await worker.send({ status: { address: 'n1', driver: 'GV1', value: '71.5', uom: 17 } });
    await changed;
    const streamId = `${connectwareIdOf(nodeServer.id)}/n1/GV1`;
    const [point, stream, raw] = await pushed(
      `DataPoint,DataStream,Event/nodeServers/*/nodes/*/drivers`,
      after,
    );
    expect(point).toEqual({
      ...{ topic: `${cstId}/DataPoint/${streamId}`, operation: 'INSERTION' },
      ...{ timestamp: expect.any(String), group: '*' },
      DataPoint: {
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5/),
        ...{ cstId, streamId, streamUnits: '°F', quality: 0, description: 'Roof', data: 71.5 },
        timestamp: Date.parse(point?.timestamp as string),
        serverTimestamp: Date.parse(point?.timestamp as string),
      },
    });
    expect(stream).toMatchObject({
      operation: 'UPDATE',
      DataStream: { streamId, dataType: 'DOUBLE', units: '°F', currentValue: point?.DataPoint },
    });
    expect(raw).toMatchObject({ Event: { value: '71.5', uom: 17 } });
    expect(await pushed(`DataPoint/${streamId}`, after)).toEqual([point]);
    expect(await pushed(`DataPoint/*/n2`, after)).toEqual([]);
    await worker.stop();
  });

  test('notices are alarms, as plain text without what links open', async () => {
    const nodeServer = await registerLocal(service);
    const worker = await connectWorker(service, nodeServer);
    const row = await service.app.database.prisma.nodeServer.findUniqueOrThrow({
      where: { id: nodeServer.id },
    });
    const after = await now();
    const topic = `nodeServers/${nodeServer.id}/notices/a%2Fb%20c`;
    const notice = `<b>Sign in</b> at https://login.example.org/auth?state=${row.worker}&key=abc or <a href="https://x.org/?t=secret">here</a> &amp; now, ${row.worker}`;
    const raised = nextEvent(service, topic);
    await worker.notices({ 'a/b c': notice });
    await raised;
    const [alarm] = await pushed('AlarmStatus[C]', after);
    expect(alarm).toMatchObject({
      topic: `${cstId}/AlarmStatus/${connectwareIdOf(nodeServer.id)}/a%2Fb%20c`,
      AlarmStatus: {
        almsStatus: 1,
        almsPayload: 'Sign in at https://login.example.org/auth or here & now, …',
      },
    });
    const cleared = nextEvent(service, topic, (_payload, operation) => operation === 'DELETION');
    await worker.notices({});
    await cleared;
    expect(await pushed(`AlarmStatus[D]/${connectwareIdOf(nodeServer.id)}/a%2Fb%20c`, after)).toMatchObject([
      { AlarmStatus: { almsStatus: 0, almsPayload: '' } },
    ]);
    await worker.stop();
  });
});

interface Status {
  dpConnectionStatus: number;
}

describe('things', () => {
  test('what they send is a file, long or short; what was deleted meanwhile has no content', async () => {
    const thing = await createThing(service);
    const ref = { id: thing.id, ownerId, name: thing.name };
    const after = await now();
    const texts = [
      '{"a":1,"ü":"😀"}',
      JSON.stringify({ long: 'x'.repeat(5000) }),
      JSON.stringify(['y'.repeat(5000)]),
    ];
    const ids: string[] = [];
    for (const text of texts) ids.push((await service.app.messages.collect(ref, text)).id);
    await service.app.messages.publish(ref, '{"not":"collected"}');
    await service.app.database.pool.query('DELETE FROM messages WHERE id = $1', [ids[2]]);
    const folder = `~%2F${connectwareIdOf(thing.id)}`;
    const files = await pushed(`FileData/${folder}`, after);
    const contents = files.map(({ FileData }) => FileData as Record<string, unknown>);
    expect(files.map(({ topic }) => topic)).toEqual(
      ids.map((id) => `${cstId}/FileData/${folder}/${id}.json`),
    );
    expect(contents.map(({ fdData }) => Buffer.from(String(fdData), 'base64').toString())).toEqual([
      texts[0],
      texts[1],
      '',
    ]);
    expect(contents[0]).toMatchObject({
      id: { fdPath: `~/${connectwareIdOf(thing.id)}/`, fdName: `${ids[0]}.json` },
      ...{
        cstId,
        fdType: 'file',
        fdContentType: 'application/json',
        fdSize: Buffer.byteLength(texts[0] ?? ''),
      },
      fdCreatedDate: expect.stringMatching(/Z$/),
    });
    const heads = await pushed(`FileDataCore/${folder}/${ids[1]}.json`, after);
    expect(heads).toHaveLength(1);
    expect(heads[0]?.FileDataCore).toMatchObject({ fdSize: texts[1]?.length });
    expect(heads[0]?.FileDataCore).not.toHaveProperty('fdData');
  });

  test('that were only seen are no news of a device', async () => {
    const thing = await createThing(service, { type: 'pump' });
    const after = await now();
    const topic = `things/${thing.id}`;
    await record(
      { topic, payload: { lastSeenAt: 'x' } },
      { topic, payload: { connected: true, lastSeenAt: 'x' } },
    );
    expect(await pushed('DeviceCore', after)).toMatchObject([
      { DeviceCore: { dpConnectionStatus: 1, dpDescription: thing.name, dpDeviceType: 'pump' } },
    ]);
    expect(await pushed('Event', after)).toHaveLength(2);
  });
});

describe('the log', () => {
  test('numbers are made once, whoever asks first', async () => {
    const sources = Array.from({ length: 20 }, () => ({
      ...{ kind: 'thing' as const, ownerId },
      id: crypto.randomUUID(),
    }));
    const { pool } = service.app.database;
    const all = await Promise.all([
      new Numbers(pool).devices(sources),
      new Numbers(pool).devices(sources.toReversed()),
      resources.deviceIds(sources),
    ]);
    for (const numbers of all) {
      expect(new Map([...numbers].sort())).toEqual(new Map([...(all[0] ?? [])].sort()));
      expect(new Set(numbers.values()).size).toBe(20);
    }
  });

  test('only the owner’s events are read, test events by their monitor alone, and those of monitors not at all', async () => {
    const after = await now();
    await record(
      { topic: 'facts/mine' },
      { topic: 'facts/nobody', ownerId: null },
      { topic: 'facts/other', ownerId: crypto.randomUUID() },
      { topic: 'monitors/4/test', operation: 'INSERTION' },
      { topic: 'monitors/4' },
      { topic: 'users/1' },
    );
    expect((await readAll('Event', after)).map(({ path }) => path.join('/'))).toEqual(['facts/mine']);
    const [mine, tested, ...more] = await readAll('Event,XbeeCore', after, 4);
    expect([mine?.resource, tested?.resource, more]).toEqual(['Event', 'Test', []]);
    expect(JSON.parse(tested?.json ?? '')).toMatchObject({ topic: `${cstId}/Test/4`, Test: { monId: 4 } });
    expect(await readAll('DeviceCore', after, 5)).toEqual([]);
  });

  test('is read in parts that begin in the middle of an event, and end where they are told to', async () => {
    const address = `nodeServers/${crypto.randomUUID()}/nodes/n/drivers/ST`;
    await record();
    const after = await now();
    await record(...Array.from({ length: 7 }, (_, i) => ({ topic: address, payload: { value: i, uom: 2 } })));
    const all = await readAll('DataPoint,DataStream,Event', after);
    expect(all.map(({ resource }) => resource).slice(0, 4)).toEqual([
      'DataPoint',
      'DataStream',
      'Event',
      'DataPoint',
    ]);
    expect(all).toHaveLength(21);
    const topics = parseTopics('DataPoint,DataStream,Event');
    const [from, until] = [all[3]?.place ?? 0, all[7]?.place ?? 0];
    const part = await resources.read(ownerId, topics, from, { limit: 100, until });
    expect(part.messages.map(({ place }) => place)).toEqual(all.slice(4, 8).map(({ place }) => place));
    expect(part).toMatchObject({ place: until, end: true });
    expect(await resources.read(ownerId, topics, await now(), { limit: 5 })).toEqual({
      ...{ messages: [], place: await now(), end: true },
    });
    const bounds = [100, 21, 20, 1].map((bound) => resources.count(ownerId, topics, after, bound));
    expect(await Promise.all(bounds)).toEqual([
      { events: 21, more: false },
      { events: 21, more: false },
      { events: 20, more: true },
      { events: 1, more: true },
    ]);
    expect(await resources.count(ownerId, parseTopics('DataPoint/*/n/GV1'), after, 9)).toEqual({
      ...{ events: 0, more: false },
    });
  });

  test('one look costs a bounded number of events, though none of them is meant', async () => {
    const after = await now();
    await service.app.database.pool.query(
      `INSERT INTO events (topic, operation, owner_id) SELECT 'facts/many', 'UPDATE', NULL FROM generate_series(1, 12000)`,
    );
    await record({ topic: 'facts/behind' });
    const first = await resources.read(ownerId, parseTopics('Event'), after, { limit: 10 });
    expect(first).toMatchObject({ messages: [], end: false });
    expect(first.place).toBeGreaterThan(after);
    expect(first.place).toBeLessThan(after + 12_000 * 16);
    expect(await readAll('Event', after)).toHaveLength(1);
    expect(await resources.count(ownerId, parseTopics('Event'), after, 5)).toEqual({
      events: 1,
      more: false,
    });
  });
});

describe('payloads', () => {
  const two = async (): Promise<PushMessage[]> => {
    const after = await now();
    await record(
      { topic: 'facts/1', payload: { text: 'a\u0001 <b> & "c"' } },
      { topic: 'facts/2', operation: 'DELETION' },
    );
    return readAll('Event', after);
  };

  test('are the document of one event or of several, in JSON and XML', async () => {
    const messages = await two();
    const msgs = messages.map(({ json }) => JSON.parse(json));
    const text = (some: PushMessage[], format: object = {}): string =>
      resources.payloadOf(some, { ...STANDARD, ...format }).toString();
    expect(text(messages)).toBe(`{"Document":{"Msg":${JSON.stringify(msgs)}}}`);
    expect(text(messages.slice(0, 1))).toBe(`{"Document":{"Msg":${JSON.stringify(msgs[0])}}}`);
    const xml = text(messages, { formatType: 'xml' });
    expect(xml).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?><Document><Msg><topic>\d+\/Event\/facts\/1</,
    );
    expect(xml).toContain('<Event><text>a\ufffd &lt;b&gt; &amp; &quot;c&quot;</text></Event>');
    expect(parseXml(xml).root?.children).toHaveLength(2);
  });

  test('of one event are made once, whoever sends it, also compressed', async () => {
    const messages = (await two()).slice(0, 1);
    const packed = resources.payloadOf(messages, { ...STANDARD, compression: 'zlib' });
    expect(inflateSync(packed).toString()).toBe(resources.payloadOf(messages, STANDARD).toString());
    expect(resources.payloadOf(messages, { ...STANDARD, compression: 'zlib' })).toBe(packed);
    const template = { ...STANDARD, schemaType: 'handlebars', schemaData: '{{Document.Msg.topic}}' } as const;
    expect(resources.payloadOf(messages, template).toString()).toBe(`${cstId}/Event/facts/1`);
    expect(resources.payloadOf(messages, { ...template, schemaData: 'other' }).toString()).toBe('other');
  });

  test('whose template fails are the standard document, and counted', async () => {
    const messages = (await two()).slice(0, 1);
    const failing = {
      ...STANDARD,
      schemaType: 'handlebars',
      schemaData: '{{#each events}}{{> x}}{{/each}}',
    } as const;
    expect(resources.payloadOf(messages, failing)).toEqual(resources.payloadOf(messages, STANDARD));
    const metrics = await service.app.metrics.registry.metrics();
    expect(metrics).toContain('polyrelay_push_template_failures_total 1');
  });

  test('the same message is kept for the next monitor that reads it', async () => {
    const [one] = await two();
    if (one === undefined) throw new Error('nothing came');
    const before = placeOf(one.event.id, 0) - 1;
    const { messages } = await resources.read(ownerId, parseTopics('Event'), before, { limit: 1 });
    expect(messages[0]).toBe(one);
  });
});
