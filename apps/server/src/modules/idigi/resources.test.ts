import type { MonitorPreview, NodeServer, Thing } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, nextEvent, registerLocal } from '../../testing/node-servers.js';
import { ADMIN, signIn, startService, type TestService } from '../../testing/service.js';
import { createThing } from '../../testing/things.js';

let service: TestService;
let nodeServer: NodeServer;
let things: Thing[];
beforeAll(async () => {
  service = await startService();
  nodeServer = await registerLocal(service);
  things = [await createThing(service), await createThing(service)];
  await collect(things[0] as Thing, 5);
  await report();
});
afterAll(() => service.close());

/** Messages `{"n":0,"text":"é"}` and so on. */
async function collect(thing: Thing, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await service.app.messages.collect(thing, `{"n":${n},"text":"é"}`);
}

async function report(): Promise<void> {
  const worker = await connectWorker(service, nodeServer);
  await worker.addController();
  for (const value of ['10', '20.5', '30']) {
    const heard = nextEvent(service, `nodeServers/${nodeServer.id}/nodes/controller/drivers/GV1`);
    await worker.status('controller', 'GV1', value, 4);
    await heard;
  }
  const heard = nextEvent(service, `nodeServers/${nodeServer.id}/nodes/controller/drivers/GV2`);
  await worker.status('controller', 'GV2', 'open', 25);
  await heard;
  await worker.stop();
}

async function ws(path: string, { method = 'GET', password = ADMIN.password } = {}) {
  const response = await fetch(`${service.url}/ws/${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${ADMIN.email}:${password}`).toString('base64')}`,
      accept: 'application/json',
    },
  });
  const text = await response.text();
  return { status: response.status, text };
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
async function get(path: string): Promise<any> {
  const { status, text } = await ws(path);
  expect([status, text]).toEqual([200, text]);
  return JSON.parse(text);
}

const connectwareId = (id: string): string =>
  id
    .replaceAll('-', '')
    .toUpperCase()
    .replace(/(.{8})(.{8})(.{8})(.{8})/, '$1-$2-$3-$4');
const condition = (text: string): string => `condition=${encodeURIComponent(text)}`;

test('devices are node servers and things, with numbers that stay', async () => {
  const { items, resultTotalRows } = await get('DeviceCore?embed=true');
  expect(resultTotalRows).toBe('3');
  const [first] = items.filter((item: Record<string, string>) => item.dpDescription === things[1]?.name);
  expect(first).toEqual({
    id: { devId: expect.stringMatching(/^\d+$/), devVersion: '0' },
    devRecordStartDate: expect.stringMatching(/^20\d\d-.*Z$/),
    devConnectwareId: connectwareId(things[1]?.id ?? ''),
    cstId: expect.stringMatching(/^\d+$/),
    grpId: '2',
    grpPath: `/${first.cstId}_Polyrelay/`,
    dpConnectionStatus: '0',
    dpDescription: things[1]?.name,
    dpDeviceType: 'thing',
  });
  expect((await get(`DeviceCore/${first.id.devId}`)).items).toEqual([first]);
  expect(
    (await get(`DeviceCore?${condition(`devConnectwareId='${first.devConnectwareId}'`)}`)).items,
  ).toEqual([first]);
  expect(
    (await get(`DeviceCore?${condition(`grpPath='${first.grpPath}' and dpConnectionStatus='0'`)}`))
      .resultSize,
  ).toBe('3');
  expect((await get(`DeviceCore?${condition(`devMac='00:00:00:00:00:00'`)}`)).items).toEqual([]);
  expect((await get('DeviceCore?size=1')).remainingSize).toBe('2');
  expect((await ws('DeviceCore/999999')).status).toBe(404);
});

describe('what is read and what is pushed', () => {
  /** The latest event of a resource as it is pushed, in texts. */
  // biome-ignore lint/suspicious/noExplicitAny: resources of every shape
  async function pushed(topic: string): Promise<any> {
    const { items } = await service.call<MonitorPreview>('POST', '/api/monitors/preview', {
      body: { topic },
    });
    const texts = JSON.stringify(items[0]?.message).replace(/:(-?\d+)(?=[,}])/g, ':"$1"');
    return JSON.parse(texts)[topic.split(/[[/]/)[0] ?? ''];
  }

  test('agree on devices', async () => {
    const events = await pushed('DeviceCore[C]');
    const [item] = (await get(`DeviceCore?${condition(`devConnectwareId='${events.devConnectwareId}'`)}`))
      .items;
    expect(item).toEqual(events);
  });

  test('agree on streams and points, but for what is read alone', async () => {
    const path = `${connectwareId(nodeServer.id)}/controller/GV1`;
    const { dataTtl, rollupTtl, currentValue, ...stream } = (await get(`DataStream/${path}`)).items[0];
    const { timestampISO, serverTimestampISO, id, ...value } = currentValue;
    const event = await pushed(`DataStream/${path}`);
    expect({ ...stream, currentValue: value }).toEqual({
      ...event,
      currentValue: { ...event.currentValue, id: undefined },
    });
    expect(await pushed(`DataPoint/${path}`)).toEqual(event.currentValue);
    const UUID = /^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
    const ids = (await get(`DataPoint/${path}`)).items.map((item: { id: string }) => item.id);
    expect(new Set(ids).size).toBe(3);
    for (const one of [id, event.currentValue.id, ...ids]) expect(one).toMatch(UUID);
    expect(Date.parse(timestampISO)).toBe(Number(value.timestamp));
    expect([dataTtl, rollupTtl, serverTimestampISO]).toEqual([expect.any(String), '0', timestampISO]);
  });

  test('agree on files', async () => {
    const { fdData, ...event } = await pushed('FileData');
    const { items } = await get(`FileData?embed=true&${condition(`fdName='${event.id.fdName}'`)}`);
    expect(items).toEqual([{ ...event, fdData }]);
  });
});

test('there is one group', async () => {
  const { items } = await get('Group');
  expect(items).toMatchObject([
    { grpId: '2', grpParentId: '1', grpPath: expect.stringMatching(/^\/\d+_Polyrelay\/$/) },
  ]);
});

describe('files', () => {
  const folder = (): string => `~/${connectwareId(things[0]?.id ?? '')}/`;

  test('a folder for each thing', async () => {
    const { items } = await get(`FileData?${condition("fdPath='~/'")}`);
    expect(items.map((item: { id: object }) => item.id)).toEqual(
      things.map(({ id }) => ({ fdPath: '~/', fdName: connectwareId(id) })),
    );
    expect(items[0]).toMatchObject({ fdType: 'directory', fdSize: '0' });
  });

  test('a file for each message, with its content when asked for', async () => {
    const plain = await get(`FileData?${condition(`fdPath='${folder()}'`)}`);
    expect(plain).toMatchObject({ resultTotalRows: '5', resultSize: '5', remainingSize: '0' });
    expect(plain.items[0]).not.toHaveProperty('fdData');
    const { items } = await get(`FileData?embed=true&${condition(`fdPath='${folder()}'`)}`);
    const contents = items.map((item: { fdData: string }) => Buffer.from(item.fdData, 'base64').toString());
    expect(contents).toEqual([0, 1, 2, 3, 4].map((n) => `{"n":${n},"text":"é"}`));
    expect(items[2]).toMatchObject({ fdType: 'file', fdContentType: 'application/json', fdSize: '19' });
    const raw = await ws(`FileData/${items[2].id.fdPath}${items[2].id.fdName}`);
    expect([raw.status, raw.text]).toEqual([200, '{"n":2,"text":"é"}']);
    expect((await get(`FileData?${condition(`fdName='${items[1].id.fdName}'`)}`)).items).toEqual([
      plain.items[1],
    ]);
  });

  test('in parts, over folders and files', async () => {
    const all = (await get('FileData')).items;
    expect(all).toHaveLength(7);
    const parts = [];
    for (let start = 0; start < 8; start += 2) {
      const part = await get(`FileData?start=${start}&size=2`);
      expect(part).toMatchObject({ resultTotalRows: '7', remainingSize: String(Math.max(0, 5 - start)) });
      parts.push(...part.items);
    }
    expect(parts).toEqual(all);
  });

  test('by conditions', async () => {
    const size = async (text: string): Promise<string> =>
      (await get(`FileData?${condition(text)}`)).resultSize;
    expect(await size("fdType='file'")).toBe('5');
    expect(await size("fdType='directory'")).toBe('2');
    expect(await size("fdCreatedDate>'2020-01-01T00:00:00.000000Z' and fdType='file'")).toBe('5');
    expect(await size("fdCreatedDate<'2020-01-01'")).toBe('0');
    expect(await size("fdName like '%.json' and fdSize>'18' and fdSize<20")).toBe('5');
    expect(await size("fdName like '%x%' or fdPath like '~/_%'")).toBe('5');
    expect(await size("fdName='; DROP TABLE messages'")).toBe('0');
    expect(await size("fdContentType='text/plain'")).toBe('0');
  });

  test.each(['~/', '~/nothing/x.json', 'x', '~/%00/%00', `~/${'0'.repeat(8)}/x`, '..%2F..%2Fetc%2Fpasswd'])(
    'there is no file %s',
    async (path) => {
      expect((await ws(`FileData/${path}`)).status).toBe(404);
    },
  );
});

describe('streams', () => {
  const stream = (driver = 'GV1'): string => `${connectwareId(nodeServer.id)}/controller/${driver}`;

  test('are the drivers with their values', async () => {
    const { items } = await get('DataStream');
    expect(items.map((item: { streamId: string }) => item.streamId)).toEqual(
      ['GV1', 'GV2', 'ST'].map(stream),
    );
    expect(items[0]).toMatchObject({
      dataType: 'DOUBLE',
      units: '°C',
      description: 'Controller',
      currentValue: { data: '30', timestampISO: expect.stringMatching(/Z$/) },
    });
    expect(items[1]).toMatchObject({ dataType: 'STRING', currentValue: { data: 'open' } });
    expect((await get(`DataStream/${stream()}`)).items).toEqual([items[0]]);
    expect((await get(`DataStream/${connectwareId(nodeServer.id)}`)).items).toEqual(items);
    expect((await get(`DataStream?${condition("dataType='STRING'")}`)).items).toEqual([items[1]]);
    expect((await ws('DataStream/no/such')).status).toBe(404);
    expect((await ws(`DataStream/${stream('GV9')}`)).status).toBe(404);
  });

  test('have a history, in both directions and in parts', async () => {
    const { items } = await get(`DataPoint/${stream()}`);
    const values = (points: { data: string }[]): string[] => points.map(({ data }) => data);
    expect(values(items)).toEqual(['10', '20.5', '30']);
    expect(values((await get(`DataPoint/${stream()}?order=descending`)).items)).toEqual(['30', '20.5', '10']);
    for (const order of ['ascending', 'descending']) {
      const parts: string[] = [];
      let cursor = 'None';
      for (;;) {
        const page = await get(`DataPoint/${stream()}?size=1&order=${order}&pageCursor=${cursor}`);
        parts.push(...values(page.items));
        if (page.resultSize === '0') break;
        cursor = page.pageCursor;
      }
      expect(order === 'ascending' ? parts : parts.reverse()).toEqual(['10', '20.5', '30']);
    }
    const later = await get(
      `DataPoint/${stream()}?startTime=${items[1].timestampISO}&endTime=${items[2].timestamp}`,
    );
    expect(values(later.items)).toEqual(['20.5']);
    expect(values((await get(`DataPoint/${stream('GV2')}`)).items)).toEqual(['open']);
    // Declared, or set when its worker went: there is one value.
    expect((await get(`DataPoint/${stream('ST')}`)).resultSize).toBe('1');
    expect((await get(`DataPoint/${stream()}?startTime=2099-01-01T00:00:00Z`)).items).toEqual([]);
    expect((await ws(`DataPoint/${stream()}?rollupInterval=hour`)).status).toBe(400);
    expect((await ws(`DataPoint/${stream()}?startTime=now`)).status).toBe(400);
    expect((await ws(`DataPoint/${stream()}?pageCursor=x`)).status).toBe(400);
  });
});

test.each(['DeviceCore/1', 'FileData/~/a/b', 'DataStream', 'DataPoint/a', 'Group'])(
  '%s is not written',
  async (path) => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const { status, text } = await ws(path, { method });
      expect(status).toBe(405);
      expect(JSON.parse(text).error[0]).toMatch(/is read only\. /);
    }
  },
);

describe('a password', () => {
  test('that is right is asked for again and again without a limit, also by many calls at once', async () => {
    const calls = Array.from({ length: 40 }, () => ws('DeviceCore?size=1'));
    expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('is worth nothing once it was changed', async () => {
    const account = { email: 'changing@example.org', password: 'a longer password' };
    const user = await service.call<{ id: string }>('POST', '/api/users', { body: account, status: 201 });
    const status = async (password: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(`${account.email}:${password}`).toString('base64')}`;
      return (await fetch(`${service.url}/ws/Monitor`, { headers: { authorization } })).status;
    };
    expect([await status(account.password), await status(account.password)]).toEqual([200, 200]);
    await service.call('PATCH', '/api/users/me', {
      body: { currentPassword: account.password, newPassword: 'another password' },
      headers: { cookie: await signIn(service.url, account), origin: service.url },
    });
    expect(await status(account.password)).toBe(401);
    expect(await status('another password')).toBe(200);
    await service.call('DELETE', `/api/users/${user.id}`, { status: 204 });
    expect(await status('another password')).toBe(401);
  });

  test('that is wrong is refused, and guessing is limited though the right one is known', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) statuses.push((await ws('DeviceCore', { password: `guess ${i}` })).status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.at(-1)).toBe(429);
    expect((await ws('DeviceCore?size=1')).status).toBe(200);
  });
});
