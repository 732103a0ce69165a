import { once } from 'node:events';
import { connect } from 'node:net';
import type { FlespiChannel } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newChannel } from '../../testing/channels.js';
import { linkTo } from '../../testing/database-link.js';
import { newDatabase, signIn, startService, type TestService } from '../../testing/service.js';

let service: TestService;
let token: string;
let member: string;

beforeAll(async () => {
  service = await startService();
  token = await newToken();
  const account = { email: 'member@example.org', password: 'a longer password' };
  await service.call('POST', '/api/users', { body: account, status: 201 });
  member = await newToken({}, await signIn(service.url, account));
});
afterAll(() => service.close());

async function newToken(request: object = {}, cookie?: string): Promise<string> {
  const made = await service.call<{ token: string }>('POST', '/api/access-tokens', {
    body: { name: 'reader', ...request },
    status: 201,
    ...(cookie === undefined ? {} : { headers: { cookie } }),
  });
  return made.token;
}

interface Answer {
  status: number;
  result?: Record<string, unknown>[];
  next_key?: number;
  last_key?: number;
  warnings?: { reason: string }[];
  errors?: { code: number; reason: string }[];
}

interface Call {
  data?: unknown;
  query?: string;
  body?: string | object;
  token?: string | null;
  signal?: AbortSignal;
}

/** As flespi's clients call. */
async function gw(method: string, path: string, call: Call = {}): Promise<Answer> {
  const { data, body, query = '' } = call;
  const key = call.token === undefined ? token : call.token;
  const search =
    data === undefined
      ? query
      : `?data=${encodeURIComponent(typeof data === 'string' ? data : JSON.stringify(data))}`;
  const response = await fetch(`${service.url}/gw/${path}${search}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(key === null ? {} : { authorization: `FlespiToken ${key}` }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  const answer = (await response.json()) as Answer;
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  // What the public receiver relies on.
  expect(answer.errors === undefined).toBe(response.status === 200);
  expect(Array.isArray(answer.result)).toBe(response.status === 200);
  return { ...answer, status: response.status };
}

const reasons = (answer: Answer): string =>
  (answer.errors ?? answer.warnings ?? []).map(({ reason }) => reason).join('; ');
const message = (n: number, more: object = {}) => ({ ident: `car${n}`, timestamp: 1000 + n, n, ...more });
const numbers = ({ result }: Answer): unknown[] => (result ?? []).map(({ n }) => n);

/** A channel with so many messages, `n` from 0 on. */
async function filled(count: number, more: (n: number) => object = () => ({})): Promise<number> {
  const { id } = await newChannel(service);
  if (count > 0)
    await gw('POST', `channels/${id}/messages`, {
      body: Array.from({ length: count }, (_, n) => message(n, more(n))),
    });
  return id;
}

describe('channels', () => {
  test('are made, one or several, listed, changed and deleted', async () => {
    const one = await gw('POST', 'channels', { body: { name: 'one', configuration: { a: { b: 1 } } } });
    const [first] = one.result as [FlespiChannel];
    expect(one).toEqual({
      status: 200,
      result: [
        {
          id: first.id,
          name: 'one',
          protocol_name: 'http',
          enabled: true,
          configuration: { a: { b: 1 } },
          messages_ttl: 86_400,
          uri: `${service.app.endpoints.publicUrl()}/gw/channels/${first.id}/messages`,
          messages_size: 0,
          connections_count: 0,
        },
      ],
    });
    const two = await gw('POST', 'channels', {
      query: '?fields=name,enabled',
      body: [{ name: 'two', enabled: false, messages_ttl: 0, protocol_id: 4 }, { name: 'three' }],
    });
    expect(two.result).toEqual([
      { name: 'two', enabled: false },
      { name: 'three', enabled: true },
    ]);
    expect(reasons(two)).toContain('“protocol_id” cannot be set');
    const changed = await gw('PUT', `channels/${first.id}`, {
      body: { ...first, name: 'other', messages_ttl: 5 },
      query: '?fields=id,name,messages_ttl,conf*',
    });
    expect(changed).toEqual({
      status: 200,
      result: [{ id: first.id, name: 'other', messages_ttl: 5, configuration: { a: { b: 1 } } }],
    });
    expect(await gw('DELETE', 'channels/name=other')).toEqual({ status: 200, result: [{ id: first.id }] });
    expect(await gw('GET', `channels/${first.id}`)).toMatchObject({ status: 404 });
  });

  test('selectors', async () => {
    const ids: number[] = [];
    for (const [name, kind] of [
      ['sel-a1', 'x'],
      ['sel-a2', 'y'],
      ['sel-b1', 'x'],
    ] as const) {
      const made = await gw('POST', 'channels', { body: { name, configuration: { kind } } });
      ids.push(Number(made.result?.[0]?.id));
    }
    const [a1, a2, b1] = ids as [number, number, number];
    const select = async (selector: string) =>
      (await gw('GET', `channels/${encodeURIComponent(selector)}`)).result?.map(({ id }) => id);
    expect(await select(`${a1}`)).toEqual([a1]);
    expect(await select(`${b1},${a1}`)).toEqual([a1, b1]);
    expect(await select(`${a1},99999`)).toEqual([a1]);
    expect(await select('name=sel-*')).toEqual(ids);
    expect(await select('name=sel-?1')).toEqual([a1, b1]);
    expect(await select('name=sel-*,configuration.kind=x')).toEqual([a1, b1]);
    expect(await select(`${a1},${a2},configuration.kind=y`)).toEqual([a2]);
    expect(await select('name=sel-*,enabled=false')).toEqual([]);
    expect(await select('name=nobody')).toEqual([]);
    expect(await select('all')).toEqual(expect.arrayContaining(ids));
    expect((await gw('GET', 'channels')).result?.map(({ id }) => id)).toEqual(await select('all'));
    expect(await select('configuration.__proto__.x=*')).toEqual([]);
  });

  test.each([
    ['0', 'selects nothing'],
    ['-1', 'selects nothing'],
    ['99999999999', 'selects nothing'],
    ['x', 'selects nothing'],
    ['1,,2', 'selects nothing'],
    ['all,1', 'stands alone'],
    ['=x', 'selects nothing'],
    ['password=x', 'cannot be selected by “password”'],
    ['__proto__=x', 'cannot be selected'],
  ])('selector %s is refused', async (selector, words) => {
    const answer = await gw('GET', `channels/${encodeURIComponent(selector)}`);
    expect(answer).toMatchObject({ status: 400, errors: [{ code: 400 }] });
    expect(reasons(answer)).toContain(words);
  });

  test.each([
    ['%', 'cannot be decoded'],
    ['%E0%A4%A/messages', 'cannot be decoded'],
    ['1,'.repeat(1001), 'more than 2000 characters'],
  ])('an address with %.20s is refused in the same words', async (path, words) => {
    const answer = await gw('GET', `channels/${path}`);
    expect(answer).toMatchObject({ status: 400, errors: [{ code: 400 }] });
    expect(reasons(answer)).toContain(words);
  });

  test.each<[string | object, string]>([
    ['', 'empty'],
    ['{', 'not JSON'],
    ['null', 'expected object'],
    [[], '1 to 100'],
    [{}, 'name: Give the channel a name'],
    [{ name: 'x' }, 'at least 2 characters'],
    [{ name: 'x'.repeat(256) }, 'at most 255'],
    [[{ name: 'good' }, { name: 'x' }], '[1].name: Give'],
    [{ name: 'good', messages_ttl: 2_592_001 }, 'messages_ttl: Use at most 2592000'],
    [{ name: 'good', messages_ttl: -1 }, 'messages_ttl'],
    [{ name: 'good', enabled: 'yes' }, 'enabled: Must be true or false'],
    [{ name: 'good', configuration: [] }, 'configuration'],
    [`{"name":"good","configuration":${'{"a":'.repeat(5000)}1${'}'.repeat(5001)}`, 'more than 64 levels'],
    [{ name: 'a\0b' }, ''],
  ])('a channel of %j is refused', async (body, words) => {
    const before = (await gw('GET', 'channels/all')).result?.length;
    const answer = await gw('POST', 'channels', { body });
    expect(answer.status).toBe(400);
    expect(reasons(answer)).toContain(words);
    expect((await gw('GET', 'channels/all')).result).toHaveLength(before ?? -1);
  });

  test('others’ are not there, for anybody but an admin who names them', async () => {
    const id = await filled(1);
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['GET', '/messages'],
      ['POST', '/messages'],
    ] as const) {
      const body = method === 'GET' || method === 'DELETE' ? {} : { body: { name: 'mine' } };
      expect(await gw(method, `channels/${id}${path}`, { token: member, ...body })).toMatchObject({
        status: 404,
      });
    }
    expect((await gw('GET', 'channels/all', { token: member })).result).toEqual([]);
    expect((await gw('GET', `channels/${id},${id + 1}`, { token: member })).result).toEqual([]);
    const theirs = Number(
      (await gw('POST', 'channels', { token: member, body: { name: 'theirs' } })).result?.[0]?.id,
    );
    expect((await gw('GET', `channels/${theirs}`)).result).toHaveLength(1);
    expect((await gw('GET', 'channels/name=theirs')).result).toEqual([]);
    expect((await gw('DELETE', 'channels/name=theirs')).result).toEqual([]);
    expect((await gw('GET', `channels/${theirs}`)).result).toHaveLength(1);
  });
});

describe('reading by key', () => {
  test('from the first message to the last', async () => {
    const id = await filled(5);
    const path = `channels/${id}/messages`;
    expect(await gw('GET', path)).toEqual({
      status: 200,
      result: [0, 1, 2, 3, 4].map((n) => message(n)),
      next_key: 5,
      last_key: 4,
    });
    const page = await gw('GET', path, { data: { curr_key: 1, limit_count: 2 } });
    expect([numbers(page), page.next_key, page.last_key]).toEqual([[1, 2], 3, 4]);
    const small = await gw('GET', path, { data: { curr_key: 1, limit_size: 1 } });
    expect([numbers(small), small.next_key]).toEqual([[1], 2]);
    expect(await gw('GET', path, { data: { curr_key: 5 } })).toEqual({
      status: 200,
      result: [],
      next_key: 5,
      last_key: 4,
    });
    expect(numbers(await gw('GET', path, { data: { count: 1 } }))).toEqual([0]);
  });

  test('messages come as they were sent, each digit of them', async () => {
    const id = await filled(0);
    const text = '{"ident":"a","timestamp":1.50e3,"big":12345678901234567890,"x":0.10,"ü":"\\u00fc"}';
    await gw('POST', `channels/${id}/messages`, { body: `[${text} ,\n${text}]` });
    const raw = async (data: object): Promise<string> => {
      const search = `?data=${encodeURIComponent(JSON.stringify(data))}`;
      return (await service.fetch(`/gw/channels/${id}/messages${search}`)).text();
    };
    expect(await raw({})).toBe(`{"result":[${text},${text}],"next_key":2,"last_key":1}`);
    expect(await raw({ fields: 'big,x', count: 1 })).toBe(
      '{"result":[{"big":12345678901234567890,"x":0.10}],"next_key":1,"last_key":1}',
    );
  });

  test('an empty channel', async () => {
    expect(await gw('GET', `channels/${await filled(0)}/messages`)).toEqual({
      status: 200,
      result: [],
      next_key: 0,
      last_key: -1,
    });
  });

  test('delete takes what was read before, not what is read now', async () => {
    const id = await filled(4);
    const path = `channels/${id}/messages`;
    await gw('GET', path, { data: { curr_key: 0, limit_count: 2, delete: true } });
    expect(numbers(await gw('GET', path))).toEqual([0, 1, 2, 3]);
    expect(numbers(await gw('GET', path, { data: { curr_key: 2, limit_count: 1, delete: true } }))).toEqual([
      2,
    ]);
    const left = await gw('GET', path);
    expect([numbers(left), left.next_key]).toEqual([[2, 3], 4]);
    expect(numbers(await gw('GET', path, { data: { curr_key: 4, delete: true } }))).toEqual([]);
    expect(await gw('GET', path)).toEqual({ status: 200, result: [], next_key: 4, last_key: 3 });
  });

  test('a key ahead of the channel is told the right one, and deletes nothing', async () => {
    const id = await filled(3);
    for (const curr_key of [4, 2 ** 53, 1e300]) {
      const answer = await gw('GET', `channels/${id}/messages`, {
        data: { curr_key, delete: true, timeout: 30 },
      });
      expect(answer).toMatchObject({ status: 200, result: [], next_key: 3, last_key: 2 });
      expect(reasons(answer)).toContain('lies ahead of this channel');
    }
    expect(numbers(await gw('GET', `channels/${id}/messages`))).toEqual([0, 1, 2]);
  });

  test('limits out of bounds are cut, and it is said', async () => {
    const id = await filled(2);
    const answer = await gw('GET', `channels/${id}/messages`, {
      data: { limit_count: 0, limit_size: 1e9, timeout: 31, curr_kye: 7 },
    });
    expect(numbers(answer)).toEqual([0]);
    expect(answer.warnings).toHaveLength(4);
    expect(reasons(answer)).toContain('“limit_count” is 1 to 10000: 1 was taken instead of 0');
    expect(reasons(answer)).toContain('“timeout” is 0 to 30: 30 was taken instead of 31');
    expect(reasons(answer)).toContain('“curr_kye” means nothing');
    const stray = await gw('GET', `channels/${id}/messages`, { query: '?curr_key=1' });
    expect(reasons(stray)).toContain('it goes into data');
  });

  test.each<[unknown, string]>([
    ['{', 'data is not JSON'],
    ['[]', 'must be an object'],
    ['null', 'must be an object'],
    [{ curr_key: -1 }, '“curr_key” must be a whole number, 0 or more'],
    [{ curr_key: 1.5 }, '“curr_key”'],
    [{ curr_key: '1' }, '“curr_key”'],
    [{ timeout: '5' }, '“timeout”'],
    [{ delete: 1 }, '“delete” must be true or false'],
    [{ limit_count: 1.5 }, '“limit_count”'],
    [{ limit_size: null, count: 'x' }, '“count”'],
    [{ fields: 5 }, 'fields must be names'],
    [{ fields: [1] }, 'fields must be names'],
    [{ filter: 5 }, '“filter” must be an expression'],
    [{ filter: 'a >' }, 'ends too early'],
    [{ filter: 'n == 1 &&& 2' }, 'at character 10'],
    [{ curr_key: 0, from: 1 }, 'cannot stand beside from'],
    [{ from: 'x' }, '“from” must be a number'],
    [{ reverse: 'x' }, '“reverse”'],
  ])('data %j is refused', async (data, words) => {
    const answer = await gw('GET', `channels/${await filled(0)}/messages`, { data });
    expect(answer).toMatchObject({ status: 400, errors: [{ code: 400 }] });
    expect(reasons(answer)).toContain(words);
  });

  test('data twice is refused', async () => {
    const answer = await gw('GET', `channels/${await filled(0)}/messages`, { query: '?data={}&data={}' });
    expect(answer.status).toBe(400);
  });

  test('fields and filter', async () => {
    const id = await filled(10, (n) => ({ 'battery.level': n * 10, ...(n % 2 ? { odd: true } : {}) }));
    const path = `channels/${id}/messages`;
    const low = await gw('GET', path, {
      data: { filter: 'battery.level < 30 || $odd', fields: 'ident,battery.*' },
    });
    expect(low.result).toEqual(
      [0, 1, 2, 3, 5, 7, 9].map((n) => ({ ident: `car${n}`, 'battery.level': n * 10 })),
    );
    expect(low.next_key).toBe(10);
    const odd = await gw('GET', path, { data: { filter: 'odd', limit_count: 2 } });
    expect([numbers(odd), odd.next_key]).toEqual([[1, 3], 4]);
    const none = await gw('GET', path, { data: { filter: 'n > 100' } });
    expect([numbers(none), none.next_key]).toEqual([[], 10]);
    const masked = await gw('GET', path, { data: { filter: 'ident = "car?" && n >= 8' } });
    expect(numbers(masked)).toEqual([8, 9]);
  });
});

describe('waiting for the first message', () => {
  /** Resolves when so many wait for a channel. */
  const waiting = async (count: number): Promise<void> => {
    while (service.app.channels.waiters.count < count) await new Promise(setImmediate);
  };

  test('it comes with the commit', async () => {
    const id = await filled(2);
    const answer = gw('GET', `channels/${id}/messages`, { data: { curr_key: 2, timeout: 30 } });
    await waiting(1);
    await gw('POST', `channels/${id}/messages`, { body: [message(2), message(3)] });
    const read = await answer;
    expect([numbers(read), read.next_key, read.last_key]).toEqual([[2, 3], 4, 3]);
  });

  test('what the filter does not want wakes nobody', async () => {
    const id = await filled(1);
    const answer = gw('GET', `channels/${id}/messages`, {
      data: { curr_key: 1, timeout: 30, filter: 'n == 3' },
    });
    await waiting(1);
    await gw('POST', `channels/${id}/messages`, { body: message(2) });
    await gw('POST', `channels/${id}/messages`, { body: message(3) });
    const read = await answer;
    expect([numbers(read), read.next_key]).toEqual([[3], 3]);
  });

  test('nothing came: an empty answer, with the key to go on with', async () => {
    const id = await filled(1);
    expect(await gw('GET', `channels/${id}/messages`, { data: { curr_key: 1, timeout: 0.2 } })).toEqual({
      status: 200,
      result: [],
      next_key: 1,
      last_key: 0,
    });
  });

  test('who goes away waits no more', async () => {
    const id = await filled(0);
    const left = new AbortController();
    const answer = gw('GET', `channels/${id}/messages`, { data: { timeout: 30 }, signal: left.signal });
    await waiting(1);
    left.abort();
    await expect(answer).rejects.toThrow();
    while (service.app.channels.waiters.count > 0) await new Promise(setImmediate);
  });

  test('a channel that is deleted meanwhile is 404', async () => {
    const id = await filled(0);
    const answer = gw('GET', `channels/${id}/messages`, { data: { timeout: 30 } });
    await waiting(1);
    await gw('DELETE', `channels/${id}`);
    expect(await answer).toMatchObject({ status: 404 });
  });

  test('a token that is revoked meanwhile is told so, and gets nothing more', async () => {
    const id = await filled(0);
    const revoked = await service.call<{ id: string; token: string }>('POST', '/api/access-tokens', {
      body: { name: 'revoked' },
      status: 201,
    });
    const answer = gw('GET', `channels/${id}/messages`, { data: { timeout: 30 }, token: revoked.token });
    await waiting(1);
    await service.call('DELETE', `/api/access-tokens/${revoked.id}`, { status: 204 });
    expect(await answer).toMatchObject({ status: 401 });
  });

  test('a user who is removed meanwhile is told so; an admin who reads their channel too', async () => {
    const account = { email: 'leaves@example.org', password: 'a longer password' };
    const user = await service.call<{ id: string }>('POST', '/api/users', { body: account, status: 201 });
    const theirs = await newToken({}, await signIn(service.url, account));
    const made = await gw('POST', 'channels', { body: { name: 'leaves' }, token: theirs });
    const path = `channels/${made.result?.[0]?.id}/messages`;
    const own = gw('GET', path, { data: { timeout: 30 }, token: theirs });
    const admins = gw('GET', path, { data: { timeout: 30 } });
    await waiting(2);
    await service.call('DELETE', `/api/users/${user.id}`, { status: 204 });
    expect(await own).toMatchObject({ status: 401 });
    expect(await admins).toMatchObject({ status: 404 });
  });
});

test('clients that take nothing of their answers hold so much and no more', async () => {
  const id = Number((await gw('POST', 'channels', { body: { name: 'stuck' } })).result?.[0]?.id);
  const path = `channels/${id}/messages`;
  for (let n = 0; n < 8; n++)
    await gw('POST', path, { body: { ident: 'a', timestamp: n, n, large: 'x'.repeat(1_000_000) } });
  const { port } = new URL(service.url);
  const stuck = await Promise.all(
    Array.from({ length: 17 }, async () => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(`GET /gw/${path} HTTP/1.1\r\nHost: a\r\nAuthorization: FlespiToken ${token}\r\n\r\n`);
      await once(socket, 'readable');
      return socket;
    }),
  );
  expect(numbers(await gw('GET', path))).toEqual([0]);
  expect(numbers(await gw('GET', path, { data: { reverse: true } }))).toEqual([7]);
  for (const socket of stuck) socket.destroy();
  let read: unknown[] = [];
  while (read.length < 8) read = numbers(await gw('GET', path));
});

describe('reading by time', () => {
  test('a range, both ends included, either way', async () => {
    const id = await filled(6, (n) => ({ timestamp: 2000 - n }));
    const path = `channels/${id}/messages`;
    const read = async (data: object) => gw('GET', path, { data });
    expect(await read({ from: 1996, to: 1998 })).toEqual({
      status: 200,
      result: [4, 3, 2].map((n) => ({ ...message(n), timestamp: 2000 - n })),
      last_key: 5,
    });
    expect(numbers(await read({ from: 1996, to: 1998, reverse: true }))).toEqual([2, 3, 4]);
    expect(numbers(await read({ reverse: true, count: 2 }))).toEqual([0, 1]);
    expect(numbers(await read({ to: 1996.5 }))).toEqual([5, 4]);
    expect(numbers(await read({ from: 3000 }))).toEqual([]);
    expect(numbers(await read({ from: 0, filter: 'n % 2', count: 2 }))).toEqual([5, 3]);
    expect((await read({ from: 1999.5, fields: ['n'] })).result).toEqual([{ n: 0 }]);
  });
});

describe('adding and deleting', () => {
  test('an object or a list', async () => {
    const id = await filled(0);
    const path = `channels/${id}/messages`;
    expect(await gw('POST', path, { body: message(0) })).toEqual({
      status: 200,
      result: [{ first_key: 0, last_key: 0, count: 1 }],
    });
    expect((await gw('POST', path, { body: [message(1), message(2)] })).result).toEqual([
      { first_key: 1, last_key: 2, count: 2 },
    ]);
    expect((await gw('GET', `channels/${id}`)).result?.[0]).toMatchObject({
      messages_size: expect.any(Number),
    });
  });

  test.each<[string | object, string]>([
    ['', 'empty'],
    ['{', ''],
    ['"x"', 'Must be an object'],
    [[], 'list is empty'],
    [[message(0), { timestamp: 1 }], '[1].ident'],
    [{ ident: 'a' }, 'timestamp'],
    [{ ident: 'a/b', timestamp: 1 }, 'ident'],
    [{ ident: 'a#', timestamp: 1 }, 'ident'],
  ])('messages %j are refused whole', async (body, words) => {
    const id = await filled(0);
    const answer = await gw('POST', `channels/${id}/messages`, { body });
    expect(answer.status).toBe(400);
    expect(reasons(answer)).toContain(words);
    expect((await gw('GET', `channels/${id}/messages`)).last_key).toBe(-1);
  });

  test('a body of 10 MB is refused with what is allowed', async () => {
    const id = await filled(0);
    const body = JSON.stringify([message(0, { text: 'x'.repeat(10_000_000) })]);
    const answer = await gw('POST', `channels/${id}/messages`, { body });
    expect(answer).toMatchObject({ status: 413, errors: [{ code: 413 }] });
    expect(reasons(answer)).toContain('8 MiB at most');
  });

  test('a disabled channel takes nothing and is read', async () => {
    const id = await filled(1);
    await gw('PUT', `channels/${id}`, { body: { enabled: false } });
    expect(await gw('POST', `channels/${id}/messages`, { body: message(1) })).toMatchObject({ status: 409 });
    expect(numbers(await gw('GET', `channels/${id}/messages`))).toEqual([0]);
  });

  test('delete_key: smaller keys go', async () => {
    const id = await filled(3);
    const path = `channels/${id}/messages`;
    for (const [data, words] of [
      [undefined, '“delete_key” must be'],
      [{ delete_key: -1 }, '“delete_key” must be'],
      [{ delete_key: 4 }, 'lies ahead'],
    ] as const) {
      const refused = await gw('DELETE', path, data === undefined ? {} : { data });
      expect(refused.status).toBe(400);
      expect(reasons(refused)).toContain(words);
    }
    expect(numbers(await gw('GET', path))).toEqual([0, 1, 2]);
    expect(await gw('DELETE', path, { data: { delete_key: 2 } })).toEqual({
      status: 200,
      result: [{ first_key: 2 }],
    });
    expect(numbers(await gw('GET', path))).toEqual([2]);
    await gw('DELETE', path, { data: { delete_key: 3 } });
    expect(await gw('GET', path)).toMatchObject({ result: [], next_key: 3 });
  });

  test('a call about messages is about one channel', async () => {
    const ids = [await filled(1), await filled(1)];
    for (const [method, call] of [
      ['GET', {}],
      ['DELETE', { data: { delete_key: 1 } }],
      ['POST', { body: message(1) }],
    ] as const) {
      const answer = await gw(method, `channels/${ids.join(',')}/messages`, call);
      expect(answer.status).toBe(400);
      expect(reasons(answer)).toContain('Each channel has keys of its own');
    }
    expect(await gw('GET', 'channels/name=nobody/messages')).toMatchObject({ status: 404 });
    const [{ name }] = (await gw('GET', `channels/${ids[0]}`)).result as [{ name: string }];
    expect(numbers(await gw('GET', `channels/name=${encodeURIComponent(name)}/messages`))).toEqual([0]);
  });
});

describe('who may', () => {
  test('401 without a token that is valid', async () => {
    const soon = await newToken();
    await service.app.database.pool.query(
      "UPDATE access_tokens SET expires_at = now() - interval '1 s' WHERE prefix = $1",
      [soon.slice(0, 9)],
    );
    for (const bad of [null, 'pr_unknown', soon])
      expect(await gw('GET', 'channels/all', { token: bad })).toMatchObject({
        status: 401,
        errors: [{ code: 401 }],
      });
  });

  test('Bearer and the session serve as well', async () => {
    const headers = { authorization: `Bearer ${token}` };
    expect(await service.call('GET', '/gw/channels/all', { headers, anonymous: true })).toHaveProperty(
      'result',
    );
    expect(await service.call('GET', '/gw/channels/all')).toHaveProperty('result');
  });

  test('an unknown path is 404 with errors', async () => {
    expect(await gw('GET', 'devices/all')).toMatchObject({ status: 404, errors: [{ code: 404 }] });
    expect(await gw('PATCH', 'channels/1')).toMatchObject({ status: 404 });
  });

  test('a reader is noted with its token and program', async () => {
    const id = await filled(3);
    await fetch(`${service.url}/gw/channels/${id}/messages?data={"curr_key":1,"delete":true}`, {
      headers: { authorization: `FlespiToken ${token}`, 'user-agent': 'my-receiver/1' },
    });
    await service.app.channels.readers.flush();
    const rows = await service.app.database.prisma.channelReader.findMany({ where: { channelId: id } });
    expect(rows).toMatchObject([{ agent: 'my-receiver/1', currKey: 3n, deletes: true }]);
    expect((await gw('GET', `channels/${id}?`)).result).toMatchObject([{ connections_count: 1 }]);
  });

  test('tokens with a list reach what it names', async () => {
    const [a, b] = [await filled(1), await filled(1)];
    const limited = await newToken({
      access: {
        kind: 'acl',
        acl: [
          { uri: 'gw/channels', methods: ['GET'], ids: [a] },
          { uri: 'gw/channels/messages', methods: ['POST'], ids: [b] },
        ],
      },
    });
    const status = async (method: string, path: string, call: Call = {}) =>
      (await gw(method, path, { ...call, token: limited })).status;
    expect(await status('GET', `channels/${a}`)).toBe(200);
    expect(await status('GET', `channels/${a}/messages`)).toBe(200);
    expect(await status('GET', `channels/${a}/messages`, { data: { curr_key: 0, delete: true } })).toBe(403);
    expect(await status('GET', `channels/${b}`)).toBe(403);
    expect(await status('GET', `channels/${b}/messages`)).toBe(403);
    expect(await status('GET', 'channels/99999')).toBe(403);
    expect(await status('POST', `channels/${b}/messages`, { body: message(1) })).toBe(200);
    expect(await status('POST', `channels/${a}/messages`, { body: message(1) })).toBe(403);
    expect(await status('POST', 'channels', { body: { name: 'new' } })).toBe(403);
    expect(await status('PUT', `channels/${a}`, { body: { name: 'new' } })).toBe(403);
    expect(await status('PUT', 'channels/all', { body: { name: 'new' } })).toBe(403);
    expect(await status('DELETE', 'channels/all')).toBe(403);
    expect(await status('DELETE', `channels/${a}/messages`, { data: { delete_key: 1 } })).toBe(403);
    expect(await status('GET', `channels/${a}/messages`, { data: { curr_key: 1, delete: true } })).toBe(403);
    const all = await gw('GET', 'channels/all', { token: limited });
    expect(all.result?.map(({ id }) => id)).toEqual([a]);
    expect((await gw('GET', `channels/${a},${b}`, { token: limited })).result).toHaveLength(1);
    // Its rights are those of its user and no more.
    const foreign = await newToken(
      { access: { kind: 'acl', acl: [{ uri: 'gw/channels' }] } },
      await signIn(service.url, { email: 'member@example.org', password: 'a longer password' }),
    );
    expect(await gw('GET', `channels/${a}`, { token: foreign })).toMatchObject({ status: 404 });
    // Never as an admin, though the user is one.
    const theirs = Number(
      (await gw('POST', 'channels', { token: member, body: { name: 'theirs' } })).result?.[0]?.id,
    );
    expect(await gw('GET', `channels/${theirs}`)).toMatchObject({ status: 200 });
    for (const kind of ['acl', 'standard']) {
      const access = kind === 'acl' ? { kind, acl: [{ uri: 'gw/channels' }] } : { kind };
      expect(await gw('GET', `channels/${theirs}`, { token: await newToken({ access }) })).toMatchObject({
        status: 404,
      });
    }
  });
});

test('while the database is away the answer is 503 with errors, and then it goes on', async () => {
  const database = await newDatabase();
  const link = await linkTo(database.url);
  const other = await startService({ DATABASE_URL: link.url });
  try {
    const { id } = await newChannel(other);
    const path = `/gw/channels/${id}/messages`;
    await other.call('POST', path, { body: message(0) });
    await link.cut();
    for (const [method, body] of [
      ['GET', undefined],
      ['POST', message(1)],
    ] as const) {
      const failed = await other.call(method, path, { body, status: 503 });
      expect(failed).toEqual({ errors: [{ code: 503, reason: expect.stringContaining('database') }] });
    }
    await link.restore();
    expect(await other.call('GET', path)).toMatchObject({ result: [{ n: 0 }], next_key: 1 });
  } finally {
    await other.close();
    await link.cut();
    await database.drop();
  }
});

test('a body that is packed is refused, whatever is in it', async () => {
  const { id } = await newChannel(service);
  const post = (path: string, authorization: string) =>
    fetch(service.url + path, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: '[]',
    });
  const answers = await Promise.all([
    post(`/gw/channels/${id}/messages`, `FlespiToken ${token}`),
    post('/api/channels', `Bearer ${token}`),
  ]);
  for (const answer of answers) {
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('without compression');
  }
});
