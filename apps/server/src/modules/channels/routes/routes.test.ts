import {
  type Appended,
  type AuditEntry,
  type Channel,
  type ChannelMessagePage,
  type ChannelPage,
  type ChannelRate,
  type ChannelReaders,
  MAX_CHANNEL_BODY_BYTES,
} from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { message, newChannel } from '../../../testing/channels.js';
import { signIn, startService, type TestService } from '../../../testing/service.js';

const MEMBER = { email: 'member@example.org', password: 'member member', role: 'member' };

let service: TestService;
let member: { cookie: string };
beforeAll(async () => {
  service = await startService();
  await service.call('POST', '/api/users', { body: MEMBER, status: 201 });
  member = { cookie: await signIn(service.url, MEMBER) };
});
afterAll(() => service.close());

const post = (id: number, body: string | Uint8Array) =>
  service.fetch(`/api/channels/${id}/messages`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
const page = (id: number, query = '') =>
  service.call<ChannelMessagePage>('GET', `/api/channels/${id}/messages?${query}`);
const keys = ({ items }: ChannelMessagePage): number[] => items.map(({ key }) => key);

describe('a channel', () => {
  test('is made, changed and deleted, and the audit log says so', async () => {
    const made = await service.call<Channel>('POST', '/api/channels', {
      body: { name: ' greenhouse ', topic: 'custom/greenhouse' },
      status: 201,
    });
    expect(made).toMatchObject({
      name: 'greenhouse',
      enabled: true,
      messagesTtl: 86_400,
      topic: 'custom/greenhouse',
      firstKey: 0,
      nextKey: 0,
      messages: 0,
      messagesSize: 0,
      lastMessageAt: null,
      uri: `/gw/channels/${made.id}/messages`,
    });
    const path = `/api/channels/${made.id}`;
    expect(await service.call('PATCH', path, { body: { enabled: false, topic: null } })).toMatchObject({
      name: 'greenhouse',
      enabled: false,
      topic: null,
    });
    const refused = await post(made.id, message(1).json);
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'channelDisabled' }]);
    await service.call('PATCH', path, { body: { enabled: true } });
    expect((await post(made.id, message(1).json)).status).toBe(201);
    expect(await service.call('GET', path)).toMatchObject({
      messages: 1,
      messagesSize: message(1).bytes,
      lastMessageAt: expect.any(String),
    });
    await service.call('DELETE', path, { status: 204 });
    for (const [method, rest] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['GET', '/messages'],
      ['POST', '/messages'],
      ['DELETE', '/messages'],
      ['GET', '/rate'],
      ['GET', '/readers'],
    ] as const)
      await service.call(method, path + rest, { status: 404, ...(method === 'PATCH' ? { body: {} } : {}) });
    const { items } = await service.call<{ items: AuditEntry[] }>('GET', '/api/audit');
    expect(items.filter(({ target }) => target === 'greenhouse').map(({ action }) => action)).toEqual([
      'channel.delete',
      'channel.change',
      'channel.change',
      'channel.create',
    ]);
  });

  test('of somebody else is not there', async () => {
    const { id } = await newChannel(service);
    await service.call('GET', `/api/channels/${id}`, { headers: member, status: 404 });
    await service.call('GET', `/api/channels/${id}/messages`, { headers: member, status: 404 });
    await service.call('DELETE', `/api/channels/${id}`, { headers: member, status: 404 });
    expect(await service.call('GET', '/api/channels', { headers: member })).toMatchObject({
      items: [],
      total: 0,
    });
    await service.call('GET', '/api/channels', { anonymous: true, status: 401 });
  });

  test.each(['0', '-1', '1.5', 'x', '99999999999', '%00'])('has no id such as %s', async (id) => {
    await service.call('GET', `/api/channels/${id}`, { status: 400 });
  });

  test('is found, in every order, page by page', async () => {
    const all = [];
    for (const [name, count] of [
      ['list b', 2],
      ['list a', 0],
      ['list c', 7],
      ['LIST_%', 3],
    ] as const) {
      const channel = await newChannel(service, { name });
      if (count > 0)
        await service.app.channels.append(
          channel,
          Array.from({ length: count }, (_, i) => message(i)),
        );
      all.push(channel);
    }
    const walk = async (query: string): Promise<string[]> => {
      const names = [];
      for (let cursor = ''; ; ) {
        const found = await service.call<ChannelPage>(
          'GET',
          `/api/channels?search=list&limit=1&${query}${cursor}`,
        );
        names.push(...found.items.map(({ name }) => name));
        if (found.nextCursor === null) return names;
        cursor = `&cursor=${found.nextCursor}`;
      }
    };
    expect((await walk('sort=name')).toSorted()).toEqual(['LIST_%', 'list a', 'list b', 'list c']);
    expect(await walk('sort=messages&order=desc')).toEqual(['list c', 'LIST_%', 'list b', 'list a']);
    expect(await walk('sort=id')).toEqual(['list b', 'list a', 'list c', 'LIST_%']);
    expect(await walk('sort=lastMessageAt')).toEqual(['list a', 'list b', 'list c', 'LIST_%']);
    expect((await service.call<ChannelPage>('GET', '/api/channels?search=_%25')).items).toHaveLength(1);
    const byId = await service.call<ChannelPage>('GET', `/api/channels?search=${all[1]?.id}`);
    expect(byId.items.map(({ name }) => name)).toContain('list a');
    for (const cursor of ['x', Buffer.from('["\\u0000",1]').toString('base64url')])
      await service.call('GET', `/api/channels?cursor=${cursor}`, { status: 400 });
  });
});

describe('messages', () => {
  test('are added as they come and given as they came', async () => {
    const { id } = await newChannel(service);
    const odd = '{ "ident":"ü", "timestamp":1.50, "n":12345678901234567890 }';
    const answer = await post(id, `[${message(5).json} , ${odd}]`);
    expect([answer.status, await answer.json()]).toEqual([201, { firstKey: 0, lastKey: 1, count: 2 }]);
    const whole = await service.fetch(`/api/channels/${id}/messages/1`);
    expect(await whole.text()).toContain(`"message":${odd}}`);
    expect(await (await service.fetch(`/api/channels/${id}/messages?after=0`)).text()).toContain(odd);
    await service.call('GET', `/api/channels/${id}/messages/2`, { status: 404 });
    await service.call('GET', `/api/channels/${id}/messages/-1`, { status: 400 });
    await service.call('GET', `/api/channels/${id}/messages/x`, { status: 400 });
  });

  test('come by the page, newest first or oldest first', async () => {
    const channel = await newChannel(service);
    await service.app.channels.append(
      channel,
      Array.from({ length: 25 }, (_, i) => message(i)),
    );
    const first = await page(channel.id, 'limit=10');
    expect([keys(first), first.nextKey]).toEqual([[24, 23, 22, 21, 20, 19, 18, 17, 16, 15], 15]);
    const last = await page(channel.id, 'limit=10&before=5');
    expect([keys(last), last.nextKey]).toEqual([[4, 3, 2, 1, 0], null]);
    const oldest = await page(channel.id, 'limit=10&after=-1');
    expect([keys(oldest), oldest.nextKey]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 9]);
    const newest = await page(channel.id, 'limit=10&after=20');
    expect([keys(newest), newest.nextKey]).toEqual([[21, 22, 23, 24], null]);

    expect(await service.call('DELETE', `/api/channels/${channel.id}/messages?before=3`)).toEqual({
      firstKey: 3,
    });
    expect(keys(await page(channel.id, 'before=6'))).toEqual([5, 4, 3]);
    expect(await service.call('DELETE', `/api/channels/${channel.id}/messages`)).toEqual({ firstKey: 25 });
    expect(await page(channel.id)).toEqual({ items: [], nextKey: null });
    expect(await page(channel.id, 'after=-1')).toEqual({ items: [], nextKey: null });
  });

  test('are filtered, and one call looks at a bounded number', async () => {
    const channel = await newChannel(service);
    await service.app.channels.append(
      channel,
      Array.from({ length: 4500 }, (_, i) => message(i)),
    );
    const found = await page(
      channel.id,
      `limit=2&filter=${encodeURIComponent('value >= 4400 && value < 4410')}`,
    );
    expect([keys(found), found.nextKey]).toEqual([[4409, 4408], 4408]);
    const filter = encodeURIComponent('value == 7');
    const looked = [];
    let next: number | null = Number.MAX_SAFE_INTEGER;
    while (next !== null) {
      const part: ChannelMessagePage = await page(channel.id, `before=${next}&filter=${filter}`);
      looked.push(keys(part));
      next = part.nextKey;
    }
    expect(looked).toEqual([[], [], [7]]);
    const wrong = await service.call<{ errors: unknown[] }>(
      'GET',
      `/api/channels/${channel.id}/messages?filter=${encodeURIComponent('value >')}`,
      { status: 400 },
    );
    expect(wrong).toMatchObject({ code: 'invalidFilter', errors: [{ path: 'filter' }] });
  });

  test('that are wrong are refused with their place, and nothing is added', async () => {
    const { id } = await newChannel(service);
    const wrong = await post(id, `[${message(1).json},{"ident":"a+"}]`);
    expect([wrong.status, await wrong.json()]).toMatchObject([
      400,
      { code: 'invalidMessages', errors: [{ path: '[1].ident' }, { path: '[1].timestamp' }] },
    ]);
    for (const [body, status, code] of [
      ['{', 400, 'notJson'],
      ['', 400, 'notJson'],
      ['[]', 400, 'noMessages'],
      [new Uint8Array([0xff]), 400, 'notUtf8'],
      [' '.repeat(MAX_CHANNEL_BODY_BYTES + 2_000_000), 413, 'tooLarge'],
    ] as const) {
      const answer = await post(id, body);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
    }
    const text = await service.fetch(`/api/channels/${id}/messages`, { method: 'POST', body: 'x' });
    expect(text.status).toBe(400);
    expect(await service.call('GET', `/api/channels/${id}`)).toMatchObject({ messages: 0, nextKey: 0 });
  });

  test('of many who post at the same time stay together, and share transactions', async () => {
    const channel = await newChannel(service);
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const own = [message(n, `d${n}`), message(n, `d${n}`), message(n, `d${n}`)];
        return service.app.channels.append(channel, own) as Promise<Appended>;
      }),
    );
    const { items } = await page(channel.id, 'limit=500&after=-1');
    answers.forEach(({ firstKey, lastKey, count }, n) => {
      expect([count, lastKey - firstKey]).toEqual([3, 2]);
      for (let key = firstKey; key <= lastKey; key++) expect(items[key]?.ident).toBe(`d${n}`);
    });
    const events = await service.call<{ items: { payload: Appended }[] }>(
      'GET',
      `/api/events?after=0&limit=1000&topic=channels/${channel.id}/messages`,
    );
    expect(events.items.length).toBeLessThan(10);
    expect(events.items.reduce((sum, { payload }) => sum + payload.count, 0)).toBe(120);
  });

  test('of a channel that was deleted meanwhile are refused, those of others are not', async () => {
    const { channels, database } = service.app;
    const [good, gone] = [await newChannel(service), await newChannel(service)];
    await database.prisma.channel.delete({ where: { id: gone.id } });
    const results = await Promise.allSettled(
      [good, gone, good].map((each) => channels.append(each, [message(1)])),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { kind: 'notFound' } });
  });
});

test('a page in the order of time has a range, a direction and a bound of its size', async () => {
  const { channels } = service.app;
  const channel = await newChannel(service);
  await channels.append(
    channel,
    [5, 1, 4, 1, 3].map((value) => message(value)),
  );
  const limits = { limitCount: 10, limitSize: 1e6 };
  const times = async (read: object) =>
    (await channels.readByTime(channel, { ...limits, ...read })).map(({ key, timestamp }) => [
      timestamp,
      key,
    ]);
  expect(await times({})).toEqual([
    [1, 1],
    [1, 3],
    [3, 4],
    [4, 2],
    [5, 0],
  ]);
  expect(await times({ from: 1.5, to: 4 })).toEqual([
    [3, 4],
    [4, 2],
  ]);
  expect(await times({ reverse: true, limitCount: 2 })).toEqual([
    [5, 0],
    [4, 2],
  ]);
  expect(await times({ limitSize: message(1).bytes + 1 })).toEqual([
    [1, 1],
    [1, 3],
  ]);
  await channels.deleteBelow(channel, 2);
  expect(await times({ to: 3 })).toEqual([
    [1, 3],
    [3, 4],
  ]);
});

test('a page by key is bounded by its size and its count, and a key out of bounds is the nearest one', async () => {
  const { channels } = service.app;
  const channel = await newChannel(service);
  await channels.append(
    channel,
    [1, 2, 3].map((value) => message(value)),
  );
  const { bytes } = message(1);
  const text = (from: number, limitCount: number, limitSize: number) =>
    channels.readText(channel, { from, limitCount, limitSize });
  expect(await text(0, 10, 1)).toMatchObject({ text: message(1).json, count: 1, nextKey: 1, lastKey: 2 });
  expect(await text(0, 10, bytes + 1)).toMatchObject({ count: 2, nextKey: 2 });
  expect(await text(1, 1, 1e6)).toMatchObject({ text: message(2).json, nextKey: 2 });
  expect(await text(-5, 10, 1e6)).toMatchObject({ count: 3, nextKey: 3 });
  expect(await text(99, 10, 1e6)).toMatchObject({ text: '', count: 0, nextKey: 3 });
  const rows = await channels.read(channel, { from: 0, limitCount: 10, limitSize: bytes + 1 });
  expect([rows.messages.length, rows.nextKey]).toEqual([2, 2]);
  expect(await channels.read(channel, { from: 1e300, limitCount: 10, limitSize: 1 })).toMatchObject({
    messages: [],
    nextKey: 3,
  });
});

test('what is added is counted by the minute', async () => {
  const { channels, database, metrics } = service.app;
  const channel = await newChannel(service);
  const counted = (): number => metrics.perMinute('channelMessages').reduce((sum, n) => sum + n, 0);
  const before = counted();
  await channels.append(channel, [message(1), message(2)]);
  await channels.append(channel, [message(3)]);
  // It is announced, and so counted.
  await channels.wait(channel.id, 2, 10_000);
  expect(counted() - before).toBe(3);
  await channels.minutes.flush();
  await channels.append(channel, [message(4)]);
  await channels.wait(channel.id, 3, 10_000);
  await channels.minutes.flush();
  const now = await service.call<ChannelRate>('GET', `/api/channels/${channel.id}/rate`);
  expect(now.messages.slice(-2).reduce((sum, n) => sum + n, 0)).toBe(4);

  await database.pool.query(
    `INSERT INTO channel_minutes VALUES ($1, date_trunc('minute', now()) - interval '10 minutes', 40),
      ($1, date_trunc('minute', now()) - interval '11 minutes', 2), ($1, now() - interval '3 hours', 99)`,
    [channel.id],
  );
  const rate = await service.call<ChannelRate>('GET', `/api/channels/${channel.id}/rate`);
  expect(rate.stepSeconds).toBe(60);
  expect(rate.messages.slice(0, -3).reduce((sum, n) => sum + n, 0)).toBe(42);
  const end = `/api/channels/${channel.id}/rate?to=9999-12-31T23:59:59Z`;
  expect(await service.call<ChannelRate>('GET', end)).toMatchObject({ to: '9999-12-31T23:59:59.999Z' });
  const coarse = await service.call<ChannelRate>('GET', `/api/channels/${channel.id}/rate?points=1`);
  expect(coarse.messages).toHaveLength(1);
  expect(coarse.messages[0]).toBe(46);
  await service.call(
    'GET',
    `/api/channels/${channel.id}/rate?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`,
    {
      status: 400,
    },
  );
});

test('who reads is shown with lag, rate and whether it waits, and can be forgotten', async () => {
  const { channels, database } = service.app;
  const channel = await newChannel(service);
  await channels.append(
    channel,
    Array.from({ length: 100 }, (_, i) => message(i)),
  );
  const { id: userId, email } = await database.prisma.user.findFirstOrThrow({ where: { role: 'admin' } });
  const { id: credentialId } = await service.call<{ id: string }>('POST', '/api/access-tokens', {
    body: { name: 'my receiver' },
    status: 201,
  });
  const common = {
    userId,
    email,
    role: 'admin' as const,
    expiresAt: null,
    access: { kind: 'master' as const },
  };
  const token = { principal: { ...common, kind: 'accessToken' as const, credentialId }, agent: 'receiver/1' };
  const session = {
    principal: { ...common, kind: 'session' as const, credentialId: userId },
    agent: 'x'.repeat(999),
  };
  const events: unknown[] = [];
  const end = service.app.events.on(`channels/${channel.id}/readers`, ({ payload }) => {
    events.push(payload);
  });
  channels.noteRead(channel, { ...token, currKey: 60, given: 60, deletes: true });
  const done = [0, 0].map(() => channels.noteWaiting(channel, token, 60));
  channels.noteRead(channel, { ...session, currKey: 0, given: 0, deletes: false });
  await channels.readers.flush();
  const list = () => service.call<ChannelReaders>('GET', `/api/channels/${channel.id}/readers`);
  const { items } = await list();
  expect(items).toHaveLength(2);
  const [reader] = items.filter(({ name }) => name === 'my receiver');
  expect(reader).toMatchObject({
    agent: 'receiver/1',
    currKey: 60,
    lag: 40,
    rate: 1,
    waiting: true,
    deletes: true,
  });
  expect(items.find(({ name }) => name === email)).toMatchObject({ lag: 100, waiting: false });
  await expect.poll(() => events).toHaveLength(1);

  done[0]?.();
  await channels.readers.flush();
  expect((await list()).items.find(({ id }) => id === reader?.id)?.waiting).toBe(true);
  done[1]?.();
  await channels.deleteBelow(channel, 80);
  await channels.readers.flush();
  expect((await list()).items.find(({ id }) => id === reader?.id)).toMatchObject({ waiting: false, lag: 20 });
  await channels.readers.flush();
  await expect.poll(() => events).toHaveLength(3);
  end();

  await service.call('DELETE', `/api/channels/${channel.id}/readers/${reader?.id}`, { status: 204 });
  await service.call('DELETE', `/api/channels/${channel.id}/readers/${reader?.id}`, { status: 404 });
  expect((await list()).items).toHaveLength(1);
});
