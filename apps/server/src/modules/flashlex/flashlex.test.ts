import { randomUUID, X509Certificate } from 'node:crypto';
import type {
  AccessToken,
  AuditEntry,
  FlashlexError,
  FlashlexMessage,
  FlashlexThing,
  User,
} from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, startService, type TestService } from '../../testing/service.js';
import { createThing } from '../../testing/things.js';
import { unzip } from '../../testing/zip.js';

const BASES = ['/v1', '/prd/v1', '/dev/v1'];

let service: TestService;
let token: string;
let made = 0;

beforeAll(async () => {
  // Behind a proxy, so that each test comes from an address of its own and meets limits of its own.
  service = await startService({ TRUST_PROXY: 'true' });
  token = (
    await service.call<{ token: string }>('POST', '/api/access-tokens', {
      body: { name: 'test' },
      status: 201,
    })
  ).token;
});
afterAll(() => service.close());

interface Answer<T> {
  status: string;
  code: number;
  messages: { key: string; value: string }[];
  result: T;
}

/** Calls as a published client does: with a token, and every answer in the envelope. */
async function call<T>(
  method: string,
  path: string,
  {
    body,
    status = 200,
    bearer = token,
    type = 'application/json',
  }: { body?: unknown; status?: number; bearer?: string; type?: string } = {},
): Promise<Answer<T>> {
  const response = await fetch(service.url + path, {
    method,
    headers: {
      ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(`${response.status} ${text}`).toMatch(new RegExp(`^${status} `));
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const answer = JSON.parse(text) as Answer<T>;
  expect(answer).toEqual({
    status: status === 200 ? 'OK' : 'ERROR',
    code: status,
    messages: expect.arrayContaining([{ key: 'message', value: expect.stringMatching(/./) }]),
    result: expect.anything(),
  });
  return answer;
}

/** Status, words and code of a refusal. */
async function refused(
  method: string,
  path: string,
  status: number,
  options: { body?: unknown; bearer?: string; type?: string } = {},
): Promise<{ code: string; message: string; answer: FlashlexError }> {
  const answer = (await call(method, path, { ...options, status })) as FlashlexError;
  const value = (wanted: string): string => answer.messages.find(({ key }) => key === wanted)?.value ?? '';
  return { code: value('code'), message: value('message'), answer };
}

async function newMember() {
  const credentials = { email: `member${++made}@example.org`, password: `password of member ${made}` };
  const { id } = await service.call<User>('POST', '/api/users', { body: credentials, status: 201 });
  return { id, ...credentials };
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

const getToken = (authorization: string | undefined, from = `10.2.0.${++made}`, base = '/v1') =>
  fetch(`${service.url}${base}/token`, {
    headers: { 'x-forwarded-for': from, ...(authorization === undefined ? {} : { authorization }) },
  });

const tokenFor = async ({ email, password }: { email: string; password: string }): Promise<string> => {
  const response = await getToken(basic(email, password));
  expect(response.status).toBe(200);
  return ((await response.json()) as { accessToken: string }).accessToken;
};

describe('GET /token', () => {
  test('gives a token for a day, by password, under every base', async () => {
    const member = await newMember();
    for (const base of BASES) {
      const response = await getToken(basic(member.email.toUpperCase(), member.password), undefined, base);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const body = (await response.json()) as { accessToken: string };
      expect(Object.keys(body)).toEqual(['accessToken']);
      const { result } = await call<{ username: string }>('GET', `${base}/users/me`, {
        bearer: body.accessToken,
      });
      expect(result.username).toBe(member.email);
    }
    const { items } = await service.call<{ items: AccessToken[] }>('GET', '/api/access-tokens', {
      anonymous: true,
      headers: { authorization: `Bearer ${await tokenFor(member)}` },
    });
    expect(items[0]?.name).toBe('FlashLex API');
    const day = Date.parse(items[0]?.expiresAt ?? '') - Date.now();
    expect(day).toBeGreaterThan(23.9 * 3_600_000);
    expect(day).toBeLessThanOrEqual(24 * 3_600_000);
  });

  test('gives one by an access token too, that lives no longer than it', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { token: hour } = await service.call<{ token: string }>('POST', '/api/access-tokens', {
      body: { name: 'for an hour', expiresAt },
      status: 201,
    });
    const response = await getToken(basic(ADMIN.email, hour));
    expect(response.status).toBe(200);
    const { accessToken } = (await response.json()) as { accessToken: string };
    const session = await service.call<{ expiresAt: string; kind: string }>('GET', '/api/session', {
      anonymous: true,
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(session).toMatchObject({ expiresAt, kind: 'accessToken' });
    const member = await newMember();
    expect((await getToken(basic(member.email, hour))).status).toBe(401);
  });

  test('leaves no rows without end, and none of those that people made', async () => {
    const member = await newMember();
    const first = await tokenFor(member);
    const { pool } = service.app.database;
    const insert = `INSERT INTO access_tokens (user_id, name, token_hash, prefix, created_at, expires_at)
      SELECT $1::uuid, 'FlashLex API', sha256(convert_to($1::text || g || $4::text, 'UTF8')), '', $2::timestamptz, $3::timestamptz
      FROM generate_series(1, 30) g`;
    const at = (hours: number) => new Date(Date.now() + hours * 3_600_000);
    await pool.query(insert, [member.id, at(-30), at(-6), 'expired']);
    await pool.query(insert, [member.id, at(-3), at(20), 'valid']);
    await pool.query(`${insert} WHERE g = 1`, [member.id, at(-900), at(900), 'own']);
    const last = await tokenFor(member);
    const { rows } = await pool.query<{ expired: boolean; count: string }>(
      'SELECT expires_at < now() AS expired, count(*) FROM access_tokens WHERE user_id = $1 GROUP BY 1',
      [member.id],
    );
    expect(rows).toEqual([{ expired: false, count: '21' }]);
    for (const bearer of [first, last]) await call('GET', '/v1/users/me', { bearer });
  });

  test('refuses what is no sign-in, in the envelope', async () => {
    const member = await newMember();
    const wrong: [string | undefined, string][] = [
      [undefined, 'unauthenticated'],
      ['', 'unauthenticated'],
      ['Basic', 'unauthenticated'],
      ['Basic !!!', 'unauthenticated'],
      [`Basic ${Buffer.from('no colon').toString('base64')}`, 'unauthenticated'],
      [basic('', 'x'), 'unauthenticated'],
      [basic(member.email, ''), 'unauthenticated'],
      [basic(`a\0${member.email}`, 'x'), 'unauthenticated'],
      [basic(member.email, 'x'.repeat(300)), 'unauthenticated'],
      [`Bearer ${token}`, 'unauthenticated'],
      [basic(member.email, 'wrong'), 'wrongPassword'],
      [basic('nobody@example.org', member.password), 'wrongPassword'],
      [basic(member.email, 'pr_wrong'), 'wrongPassword'],
      [basic(member.email, token), 'wrongPassword'],
    ];
    for (const [authorization, code] of wrong) {
      const response = await getToken(authorization);
      expect([authorization, response.status]).toEqual([authorization, 401]);
      const body = (await response.json()) as FlashlexError;
      expect(body).toMatchObject({ status: 'ERROR', code: 401, result: {} });
      expect(body.messages).toContainEqual({ key: 'code', value: code });
    }
  });

  test('guesses count as those of the sign-in do, wherever they come', async () => {
    const member = await newMember();
    const session = (password: string) =>
      fetch(`${service.url}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.3.0.${++made}` },
        body: JSON.stringify({ email: member.email, password }),
      });
    for (let i = 0; i < 5; i++) expect((await getToken(basic(member.email, `wrong ${i}`))).status).toBe(401);
    for (let i = 0; i < 5; i++) expect((await session(`wrong ${i}`)).status).toBe(401);
    const limited = await getToken(basic(member.email, member.password));
    expect(limited.status).toBe(429);
    expect(((await limited.json()) as FlashlexError).messages[0]?.value).toMatch(/Too many tries. Wait \d+/);
    expect((await session(member.password)).status).toBe(429);

    const { items } = await service.call<{ items: AuditEntry[] }>('GET', '/api/audit?limit=100');
    expect(items).toContainEqual(expect.objectContaining({ actor: member.email, action: 'signIn.failed' }));
  });
});

describe('things', () => {
  test('are created, listed, read and deleted under every base', async () => {
    const member = await newMember();
    const bearer = await tokenFor(member);
    for (const base of BASES) {
      const thingName = `lamp-${++made}`;
      const { result, messages } = await call<FlashlexThing>('POST', `${base}/things`, {
        body: { thingName, thingType: 'RasberryPi' },
        bearer,
      });
      expect(messages).toEqual([{ key: 'message', value: 'Thing created.' }]);
      expect(result).toEqual({
        flthingspk: expect.stringMatching(/^[0-9a-f-]{36}$/),
        fltimestamp: expect.any(Number),
        datecreated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        fluserspk: member.id,
        thingName: `${member.id.slice(0, 8)}-${thingName}`,
        thingType: 'RasberryPi',
        thingDist: 'Python',
        testStatus: 'CREATED',
        certificateId: expect.stringMatching(/^[0-9a-f]{64}$/),
        certificatePem: expect.stringContaining('BEGIN CERTIFICATE'),
        keyPairPublic: expect.stringContaining('BEGIN PUBLIC KEY'),
      });
      expect(Date.parse(result.datecreated) / 1000).toBe(result.fltimestamp);
      expect(Math.abs(Date.now() / 1000 - result.fltimestamp)).toBeLessThan(60);
      const { fingerprint256 } = new X509Certificate(result.certificatePem);
      expect(fingerprint256.replaceAll(':', '').toLowerCase()).toBe(result.certificateId);

      const path = `${base}/things/${result.flthingspk}`;
      expect((await call('GET', path, { bearer })).result).toEqual(result);
      expect((await call('GET', `${base}/things`, { bearer })).result).toEqual([result]);
      expect((await call('DELETE', path, { bearer })).messages[0]?.value).toBe('Thing deleted.');
      await refused('GET', path, 404, { bearer });
      expect((await call('GET', `${base}/things`, { bearer })).result).toEqual([]);
    }
  });

  test('show VERIFIED when their bootstrap was seen', async () => {
    const { id } = await createThing(service);
    await service.app.database.pool.query(
      'UPDATE things SET test_collected_at = now(), test_published_at = now() WHERE id = $1',
      [id],
    );
    expect((await call<FlashlexThing>('GET', `/v1/things/${id}`)).result.testStatus).toBe('VERIFIED');
  });

  test('of others are not there, in no route', async () => {
    const bearer = await tokenFor(await newMember());
    const { id } = await createThing(service);
    const routes: [string, string, unknown?][] = [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/messages'],
      ['DELETE', '/messages'],
      ['GET', '/archive'],
      ['GET', '/dist'],
      ['POST', '/publish', { a: 1 }],
    ];
    for (const base of BASES)
      for (const [method, path, body] of routes) {
        const { code } = await refused(method, `${base}/things/${id}${path}`, 404, { bearer, body });
        expect(code).toBe('notFound');
        await refused(method, `${base}/things/${randomUUID()}${path}`, 404, { bearer, body });
        await refused(method, `${base}/things/${id}${path}`, 401, { bearer: '', body });
        await refused(method, `${base}/things/${id}${path}`, 401, { bearer: 'pr_x', body });
        await refused(method, `${base}/things/x${path}`, 400, { bearer, body });
      }
    expect((await call('GET', '/v1/things', { bearer })).result).toEqual([]);
    expect((await call('GET', `/v1/things/${id}`)).code).toBe(200);
  });

  test('with a wrong or taken name are refused, by the field', async () => {
    const wrong: [unknown, string][] = [
      [{}, 'thingName'],
      [{ thingName: '' }, 'thingName'],
      [{ thingName: 'a b' }, 'thingName'],
      [{ thingName: '#' }, 'thingName'],
      [{ thingName: 'x'.repeat(51) }, 'thingName'],
      [{ thingName: 5 }, 'thingName'],
      [{ thingName: 'a', thingType: 'x'.repeat(51) }, 'thingType'],
    ];
    for (const [body, path] of wrong) {
      const { code, answer } = await refused('POST', '/v1/things', 400, { body });
      expect(code).toBe('invalidRequest');
      expect(answer.messages.map(({ key }) => key)).toContain(path);
    }
    await call('POST', '/v1/things', { body: { thingName: 'taken' } });
    expect(await refused('POST', '/v1/things', 409, { body: { thingName: 'taken' } })).toMatchObject({
      code: 'nameTaken',
      message: expect.stringContaining('Choose another name'),
    });
    await refused('POST', '/v1/things', 400, { body: '{' });
    await refused('POST', '/v1/things', 400, { body: '{"__proto__":1}' });
    await refused('POST', '/v1/things', 400, { body: 'x', type: 'text/csv' });
  });

  test('over the limit: 403 with the policy', async () => {
    const member = await newMember();
    const bearer = await tokenFor(member);
    await service.call('PUT', `/api/policies/${member.id}`, {
      body: { things: 1, collected: null, published: 50, retentionDays: 7 },
    });
    await call('POST', '/v1/things', { body: { thingName: 'one' }, bearer });
    const { code, message, answer } = await refused('POST', '/v1/things', 403, {
      body: { thingName: 'two' },
      bearer,
    });
    expect(code).toBe('overLimit');
    expect(message).toContain('allows 1 things');
    const active = await call('GET', '/v1/subscriptions/active', { bearer });
    expect(answer.result).toEqual(active.result);
    expect(answer.result).toMatchObject({
      policy: {
        Statement: [
          {
            Action: 'flashex:createThing',
            Effect: 'Deny',
            Resource: `${member.id}:thing:*`,
            AllowedCount: 1,
            ActualCount: 1,
          },
          {
            Action: 'flashex:collectMessage',
            Effect: 'Allow',
            Resource: `${member.id}:message:*`,
            ActualCount: 0,
          },
          {
            Action: 'flashex:publishMessage',
            Effect: 'Allow',
            Resource: `${member.id}:message:*`,
            AllowedCount: 50,
            ActualCount: 0,
          },
          {
            Action: 'flashex:retainMessageDays',
            Effect: 'Allow',
            Resource: `${member.id}:message:*`,
            AllowedCount: 7,
          },
        ],
      },
    });
  });

  test('give their distribution, with a token and nothing else', async () => {
    const { id, name } = await createThing(service);
    for (const base of BASES) {
      const response = await fetch(`${service.url}${base}/things/${id}/dist?privateKey=false`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/zip');
      const zip = Buffer.from(await response.arrayBuffer());
      expect(zip.subarray(0, 2).toString()).toBe('PK');
      expect(zip.includes(`${name}-certificate.pem`)).toBe(true);
    }
  });
});

describe('an account', () => {
  test('is “me”, or its id; others are for admins', async () => {
    const member = await newMember();
    const bearer = await tokenFor(member);
    const { result } = await call('GET', '/v1/users/me', { bearer });
    expect(result).toEqual({
      fluserspk: member.id,
      fltimestamp: expect.any(Number),
      datecreated: expect.stringMatching(/Z$/),
      emailverified: true,
      username: member.email,
    });
    expect((await call('GET', `/dev/v1/users/${member.id.toUpperCase()}`, { bearer })).result).toEqual(
      result,
    );
    expect((await call('GET', `/v1/users/${member.id}`)).result).toEqual(result);
    const { result: admin } = await call<{ fluserspk: string }>('GET', '/v1/users/me');
    await refused('GET', `/v1/users/${admin.fluserspk}`, 404, { bearer });
    await refused('GET', `/v1/users/${randomUUID()}`, 404);
    expect((await refused('GET', '/v1/users/you', 400)).message).toContain('me');
  });

  test('has one subscription: the month that is counted', async () => {
    const member = await newMember();
    const bearer = await tokenFor(member);
    const { result } = await call<{ flsubscriptionspk: string; startts: number; endts: number }[]>(
      'GET',
      '/prd/v1/subscriptions',
      { bearer },
    );
    expect(result).toEqual([
      {
        flsubscriptionspk: member.id,
        fltimestamp: expect.any(Number),
        datecreated: expect.stringMatching(/Z$/),
        fluserspk: member.id,
        common_name: 'SELF-HOSTED',
        startts: expect.any(Number),
        endts: expect.any(Number),
        flstatus: 'active',
        product_id: 'polyrelay',
        plan_id: 'default',
        plan_name: 'Self-hosted',
      },
    ]);
    const [subscription] = result;
    expect(subscription?.startts).toBeLessThanOrEqual(Date.now() / 1000);
    expect(subscription?.endts).toBeGreaterThan(Date.now() / 1000);
    const path = `/v1/subscriptions/${member.id}`;
    expect((await call('GET', path, { bearer })).result).toEqual(subscription);
    const active = await call<{ subscription: unknown }>('GET', '/v1/subscriptions/active', { bearer });
    expect(active.result.subscription).toEqual(subscription);
    await refused('GET', path, 404, { bearer: await tokenFor(await newMember()) });
    await refused('GET', '/v1/subscriptions/x', 400, { bearer });
  });
});

describe('messages', () => {
  let id: string;
  const path = (rest = '') => `/v1/things/${id}/messages${rest}`;
  /** Seconds since 1970 of message `i`. */
  const at = (i: number): number => 1_700_000_000 + i;

  beforeAll(async () => {
    ({ id } = await createThing(service));
    await service.app.database.pool.query(
      `INSERT INTO messages (id, thing_id, type, at, payload, bytes, state)
       SELECT ('01890000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, $1,
              CASE WHEN i % 2 = 0 THEN 'egress' ELSE 'ingress' END,
              to_timestamp(1700000000 + i) + interval '300 milliseconds', json_build_object('i', i), 8,
              CASE WHEN i % 2 = 0 THEN NULL ELSE 'delivered' END
       FROM generate_series(0, 1199) i`,
      [id],
    );
  });

  const indices = async (query: string): Promise<number[]> =>
    (await call<FlashlexMessage[]>('GET', path(query))).result.map(
      ({ payload }) => (payload as { i: number }).i,
    );

  test('come oldest first, all of them, in the published shape', async () => {
    const { result, messages } = await call<FlashlexMessage[]>('GET', path());
    expect(result).toHaveLength(1200);
    expect(messages).toEqual([{ key: 'message', value: 'OK' }]);
    const { result: me } = await call<{ fluserspk: string }>('GET', '/v1/users/me');
    expect(result[1]).toEqual({
      flmessagespk: '01890000-0000-7000-8000-000000000001',
      flthingspk: id,
      fluserspk: me.fluserspk,
      fltimestamp: at(1),
      datecreated: '2023-11-14T22:13:21Z',
      messagetype: 'ingress',
      payload: { i: 1 },
    });
    expect(result.map(({ fltimestamp }) => fltimestamp)).toEqual(result.map((_, i) => at(i)));
  });

  test('are those of a range, both seconds of which belong to it, and of a type', async () => {
    expect(await indices(`?startts=${at(3)}&endts=${at(6)}`)).toEqual([3, 4, 5, 6]);
    expect(await indices(`?startts=${at(3)}&endts=${at(3)}`)).toEqual([3]);
    expect(await indices(`?startts=${at(3)}&endts=${at(6)}&messagetype=ingress`)).toEqual([3, 5]);
    expect(await indices(`?endts=${at(1)}&messagetype=egress`)).toEqual([0]);
    expect(await indices(`?startts=${at(1199)}`)).toEqual([1199]);
    expect(await indices('?endts=0')).toEqual([]);
    expect(await indices('?startts=253402300798')).toEqual([]);
  });

  test('a wrong range is refused, by the field', async () => {
    const wrong: [string, string][] = [
      ['startts=x', 'startts'],
      ['startts=-1', 'startts'],
      ['endts=1.5', 'endts'],
      ['endts=1e30', 'endts'],
      [`startts=${Date.now()}`, 'startts'],
      ['startts=5&endts=4', 'endts'],
      ['messagetype=both', 'messagetype'],
    ];
    for (const [query, field] of wrong)
      for (const [method, rest] of [
        ['GET', 'messages'],
        ['DELETE', 'messages'],
        ['GET', 'archive'],
      ] as const) {
        const { answer } = await refused(method, `/v1/things/${id}/${rest}?${query}`, 400);
        expect(answer.messages.map(({ key }) => key)).toContain(field);
      }
  });

  test('come as a zip, a file each', async () => {
    const response = await fetch(
      `${service.url}/dev/v1/things/${id}/archive?startts=${at(3)}&endts=${at(6)}&messagetype=ingress`,
      { headers: { authorization: `Bearer ${token}` } },
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="\w{8}-.+\.zip"$/);
    const zip = Buffer.from(await response.arrayBuffer());
    const { result } = await call<FlashlexMessage[]>(
      'GET',
      path(`?startts=${at(3)}&endts=${at(6)}&messagetype=ingress`),
    );
    const files = await unzip(zip);
    expect(files.map(({ name }) => name)).toEqual(result.map((one) => `${one.flmessagespk}.json`));
    expect(files.map(({ text }) => JSON.parse(text))).toEqual(result);
  });

  test('of an empty range are an error, before a download begins', async () => {
    const response = await fetch(`${service.url}/v1/things/${id}/archive?endts=0`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('content-disposition')).toBeNull();
    expect(await response.json()).toMatchObject({ status: 'ERROR', code: 404 });
  });

  test('are deleted by a range, and only those', async () => {
    const deleted = await call('DELETE', path(`?startts=${at(10)}&endts=${at(19)}&messagetype=egress`));
    expect(deleted.messages[0]?.value).toBe('5 messages deleted.');
    expect(await indices(`?startts=${at(9)}&endts=${at(20)}`)).toEqual([9, 11, 13, 15, 17, 19, 20]);
    expect((await call('DELETE', path(`?startts=${at(9)}&endts=${at(9)}`))).messages[0]?.value).toBe(
      '1 message deleted.',
    );
    expect((await call('DELETE', path('?endts=0'))).messages[0]?.value).toBe('0 messages deleted.');
  });

  test('too many or too long ones are cut, and the answer says where to go on', async () => {
    const { id: many } = await createThing(service);
    const insert = (count: number, payload: string) =>
      service.app.database.pool.query(
        `INSERT INTO messages (id, thing_id, type, at, payload, bytes)
         SELECT gen_random_uuid(), $1, 'egress', to_timestamp(1700000000 + i), ($3::text)::json, length($3::text)
         FROM generate_series(1, $2::int) i`,
        [many, count, payload],
      );
    await insert(10_001, '1');
    const first = await call<FlashlexMessage[]>('GET', `/v1/things/${many}/messages`);
    expect(first.result).toHaveLength(10_000);
    expect(first.messages[0]?.value).toContain(`first 10000 messages. Go on with startts=${at(10_000)}`);
    const rest = await call<FlashlexMessage[]>('GET', `/v1/things/${many}/messages?startts=${at(10_000)}`);
    expect(rest.result.map(({ fltimestamp }) => fltimestamp)).toEqual([at(10_000), at(10_001)]);
    await call('DELETE', `/v1/things/${many}/messages`);

    await insert(100, JSON.stringify('x'.repeat(200_000)));
    const long = await call<FlashlexMessage[]>('GET', `/v1/things/${many}/messages`);
    expect(long.result).toHaveLength(41);
    expect(long.messages[0]?.value).toContain(`Go on with startts=${at(41)}`);
  });
});

describe('publish', () => {
  const stored = async (id: string): Promise<string[]> => {
    const { rows } = await service.app.database.pool.query<{ text: string }>(
      "SELECT payload::text AS text FROM messages WHERE thing_id = $1 AND type = 'ingress' ORDER BY id",
      [id],
    );
    return rows.map(({ text }) => text);
  };

  test('takes JSON as it is, and wraps a text, however it is sent', async () => {
    const { id, ownerId } = await createThing(service);
    const cases: [body: string, type: string, payload: string][] = [
      ['{"b": 1,  "a": [true]}', 'application/json', '{"b": 1,  "a": [true]}'],
      ['[1]', 'application/vnd.x+json', '[1]'],
      ['42', 'application/json', '42'],
      [
        'FOO|BAR|This is a message.',
        'application/json',
        '{"message":{"message":"FOO|BAR|This is a message."}}',
      ],
      ['"FOO|BAR"', 'application/json', '{"message":{"message":"FOO|BAR"}}'],
      ['{"a":1}', 'text/plain', JSON.stringify({ message: { message: '{"a":1}' } })],
      ['say "hü"\n', 'text/plain; charset=utf-8', JSON.stringify({ message: { message: 'say "hü"\n' } })],
      ['hello', 'application/x-www-form-urlencoded', '{"message":{"message":"hello"}}'],
    ];
    for (const [index, [body, type, payload]] of cases.entries()) {
      const base = BASES[index % BASES.length];
      const { result, messages } = await call<FlashlexMessage>('POST', `${base}/things/${id}/publish`, {
        body,
        type,
      });
      expect(messages[0]?.value).toBe('Message published.');
      expect(result).toMatchObject({
        flthingspk: id,
        fluserspk: ownerId,
        messagetype: 'ingress',
        payload: JSON.parse(payload),
      });
    }
    expect(await stored(id)).toEqual(cases.map(([, , payload]) => payload));
  });

  test('refuses what is empty, broken, too long or too deep', async () => {
    const { id } = await createThing(service);
    const path = `/v1/things/${id}/publish`;
    await refused('POST', path, 400);
    for (const body of [' ', '{"a":', '[1,]', '"open', '['.repeat(100) + ']'.repeat(100)])
      await refused('POST', path, 400, { body });
    const { message } = await refused('POST', path, 413, { body: JSON.stringify('x'.repeat(256 * 1024)) });
    expect(message).toContain('256 KiB');
    expect(await stored(id)).toEqual([]);
  });

  test('over the limit: 403 with the policy of the thing’s owner', async () => {
    const member = await newMember();
    const bearer = await tokenFor(member);
    const { result } = await call<FlashlexThing>('POST', '/v1/things', {
      body: { thingName: 'one' },
      bearer,
    });
    await service.call('PUT', `/api/policies/${member.id}`, {
      body: { things: null, collected: null, published: 1, retentionDays: null },
    });
    const path = `/v1/things/${result.flthingspk}/publish`;
    await call('POST', path, { body: '1' });
    const { code, answer } = await refused('POST', path, 403, { body: '2' });
    expect(code).toBe('overLimit');
    expect(answer.result).toMatchObject({
      subscription: { fluserspk: member.id },
      policy: {
        Statement: expect.arrayContaining([
          expect.objectContaining({
            Action: 'flashex:publishMessage',
            Effect: 'Deny',
            AllowedCount: 1,
            ActualCount: 1,
          }),
        ]),
      },
    });
    expect(await stored(result.flthingspk)).toEqual(['1']);
  });
});

describe('the bases', () => {
  test('answer unknown routes in the envelope, and no other path does', async () => {
    for (const base of BASES) {
      for (const [method, path] of [
        ['GET', '/'],
        ['GET', '/nothing'],
        ['PUT', '/things'],
        ['DELETE', '/token'],
        ['POST', '/things/x/y/z'],
      ] as const)
        expect((await refused(method, base + path, 404)).message).toContain(`${method} ${base}`);
    }
    for (const path of ['/api/nothing', '/api/things/x']) {
      const response = await service.fetch(path);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(await response.json()).not.toHaveProperty('messages');
    }
  });

  test('ask for a sign-in on every route but two', async () => {
    const document = await service.call<{ paths: Record<string, Record<string, { security?: unknown[] }>> }>(
      'GET',
      '/api/openapi.json',
    );
    const described = Object.entries(document.paths).filter(([path]) =>
      BASES.some((base) => path.startsWith(`${base}/`)),
    );
    expect(described.every(([path]) => path.startsWith('/v1/'))).toBe(true);
    expect(described.length).toBeGreaterThanOrEqual(12);
    const open: string[] = [];
    for (const base of BASES)
      for (const [path, methods] of described)
        for (const method of Object.keys(methods)) {
          const url = base + path.slice('/v1'.length).replaceAll(/\{\w+\}/g, randomUUID());
          const response = await fetch(service.url + url, { method: method.toUpperCase() });
          expect([method, url, response.status]).toEqual([method, url, 401]);
          const { messages } = (await response.json()) as FlashlexError;
          if (!messages[0]?.value.startsWith('Sign in')) open.push(path);
        }
    expect([...new Set(open)].sort()).toEqual(['/v1/things/{id}/collect', '/v1/token']);
  });

  test('take the session cookie from the dashboard’s own pages alone', async () => {
    expect((await service.fetch('/v1/users/me')).status).toBe(200);
    const body = JSON.stringify({ thingName: 'x' });
    const headers = { 'content-type': 'application/json', origin: 'https://elsewhere.example' };
    const foreign = await service.fetch('/v1/things', { method: 'POST', headers, body });
    expect(foreign.status).toBe(403);
    expect(await foreign.json()).toMatchObject({ status: 'ERROR', code: 403 });
  });
});
