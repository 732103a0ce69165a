import type {
  AccessToken,
  AuditEntry,
  CreatedAccessToken,
  NodeServer,
  Problem,
  Session,
  User,
} from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerLocal } from '../../testing/node-servers.js';
import { ADMIN, newDatabase, signIn, startService, type TestService } from '../../testing/service.js';

let service: TestService;
beforeAll(async () => {
  // Behind a proxy, so that each test comes from an address of its own and meets limits of its own.
  service = await startService({ TRUST_PROXY: 'true' });
});
afterAll(() => service.close());

const json = { 'content-type': 'application/json' };
const post = (of: TestService, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(of.url + path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });

const codeOf = async (response: Response): Promise<string> => ((await response.json()) as Problem).code;

let made = 0;

/** A new user, signed in. */
async function newUser(role: 'member' | 'admin' = 'member') {
  const credentials = { email: `user${++made}@example.org`, password: `password of user ${made}` };
  const { id } = await service.call<User>('POST', '/api/users', {
    body: { ...credentials, role },
    status: 201,
  });
  const from = { 'x-forwarded-for': `10.1.0.${made}` };
  const enter = async (): Promise<string> => {
    const response = await post(service, '/api/session', credentials, from);
    expect(response.status).toBe(200);
    return response.headers.get('set-cookie')?.split(';')[0] ?? '';
  };
  return { id, ...credentials, from, enter, cookie: await enter() };
}

const statusFor = async (headers: Record<string, string>): Promise<number> =>
  (await fetch(`${service.url}/api/session`, { headers })).status;

async function audit(): Promise<AuditEntry[]> {
  return (await service.call<{ items: AuditEntry[] }>('GET', '/api/audit?limit=500')).items;
}

describe('set-up', () => {
  const FIRST = { email: 'First@Example.org', password: 'correct horse battery', name: 'First' };
  const NOBODY = { ADMIN_EMAIL: '', ADMIN_PASSWORD: '' };

  test('the link of the start makes the first user, once, however many use it at the same time', async () => {
    const database = await newDatabase();
    const fresh = await startService({ ...NOBODY, DATABASE_URL: database.url });
    const token = /\/setup\?token=(\S+)/.exec(fresh.app.startMessages().join())?.[1];
    expect(await fresh.call('GET', '/api/setup')).toEqual({ needed: true });

    const wrong = await post(fresh, '/api/setup', { ...FIRST, token: `${token}x` });
    expect([wrong.status, await codeOf(wrong)]).toEqual([403, 'wrongSetupToken']);
    const weak = await post(fresh, '/api/setup', { ...FIRST, password: 'short', token });
    expect((await weak.json()) as Problem).toMatchObject({ status: 400, errors: [{ path: 'password' }] });

    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        post(fresh, '/api/setup', { ...FIRST, email: `first${i}@example.org`, token }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 410, 410, 410, 410]);
    const winner = answers.find(({ status }) => status === 201);
    const cookie = winner?.headers.get('set-cookie')?.split(';')[0] ?? '';
    const session = await fresh.call<Session>('GET', '/api/session', { headers: { cookie } });
    expect(session.user).toMatchObject({ role: 'admin', name: 'First', hasPassword: true });

    expect(await fresh.call('GET', '/api/setup')).toEqual({ needed: false });
    expect((await post(fresh, '/api/setup', { ...FIRST, token })).status).toBe(410);
    const { items } = await fresh.call<{ items: User[] }>('GET', '/api/users', { headers: { cookie } });
    expect(items).toHaveLength(1);
    await fresh.close();

    // The next start has no link, and the settings make no second first user.
    const next = await startService({ ...NOBODY, DATABASE_URL: database.url });
    expect(next.app.startMessages().join()).not.toContain('token=');
    expect(await next.call('GET', '/api/setup')).toEqual({ needed: false });
    await next.close();
    await database.drop();
  });

  test('ADMIN_EMAIL and ADMIN_PASSWORD make the first user, and no other one later', async () => {
    const database = await newDatabase();
    const first = await startService({ ADMIN_EMAIL: 'Boss@Example.org', DATABASE_URL: database.url });
    expect(await first.call('GET', '/api/session')).toMatchObject({
      user: { email: 'boss@example.org', role: 'admin' },
    });
    expect(await first.call('GET', '/api/setup')).toEqual({ needed: false });
    expect((await post(first, '/api/setup', { ...FIRST, token: 'any' })).status).toBe(410);
    await first.close();
    await expect(
      startService({ ADMIN_EMAIL: 'other@example.org', DATABASE_URL: database.url }),
    ).rejects.toThrow('sign-in failed');
    await database.drop();
  });
});

describe('signing in', () => {
  test('gives a cookie that scripts cannot read and other sites do not send', async () => {
    const user = await newUser();
    const credentials = { email: user.email.toUpperCase(), password: user.password };
    const response = await post(service, '/api/session', credentials, user.from);
    expect(response.headers.get('set-cookie')).toMatch(
      /^polyrelay_session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    );
    expect((await response.json()) as Session).toMatchObject({
      kind: 'session',
      user: { id: user.id, lastSignInAt: expect.any(String) },
      expiresAt: expect.any(String),
    });
  });

  test('a wrong password and an unknown address get the same answer', async () => {
    const { email, password } = await newUser();
    const from = { 'x-forwarded-for': '10.2.0.1' };
    const wrong = await post(service, '/api/session', { email, password: 'not it' }, from);
    const unknown = await post(service, '/api/session', { email: 'nobody@example.org', password }, from);
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null]);
    expect(await wrong.json()).toEqual(await unknown.json());
    const { id } = await service.app.database.prisma.user.create({ data: { email: 'sso@example.org' } });
    const without = await post(service, '/api/session', { email: 'sso@example.org', password: ' ' }, from);
    expect([without.status, id]).toEqual([401, expect.any(String)]);
  });

  test('guesses at one account are limited wherever they come from; the right one does not count then', async () => {
    const user = await newUser();
    const guesses = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        post(
          service,
          '/api/session',
          { email: user.email, password: `guess ${i}` },
          { 'x-forwarded-for': `10.3.0.${i}` },
        ),
      ),
    );
    const statuses = guesses.map(({ status }) => status);
    // One try was the sign-in itself.
    expect(
      [statuses.filter((s) => s === 401), statuses.filter((s) => s === 429)].map((s) => s.length),
    ).toEqual([9, 31]);
    const right = await post(service, '/api/session', user, { 'x-forwarded-for': '10.3.1.1' });
    expect([right.status, await codeOf(right)]).toEqual([429, 'tooManyGuesses']);
    expect(await statusFor({ cookie: user.cookie })).toBe(200);
  });

  test('guesses from one address are limited whatever the account', async () => {
    const from = { 'x-forwarded-for': '10.4.0.1' };
    const guesses = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        post(service, '/api/session', { email: `guess${i}@example.org`, password: 'guess' }, from),
      ),
    );
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(20);
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(20);
    const other = { 'x-forwarded-for': '10.4.0.2' };
    expect(
      (await post(service, '/api/session', { email: 'x@example.org', password: 'y' }, other)).status,
    ).toBe(401);
  });

  test('without a proxy nobody chooses the address they are counted by', async () => {
    const plain = await startService();
    const guesses = await Promise.all(
      Array.from({ length: 25 }, (_, i) =>
        post(
          plain,
          '/api/session',
          { email: `guess${i}@example.org`, password: 'guess' },
          { 'x-forwarded-for': `10.5.0.${i}` },
        ),
      ),
    );
    // One try was the sign-in of the service’s start.
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(19);
    await plain.close();
  });
});

describe('a session', () => {
  test('ends when its time is over', async () => {
    const user = await newUser();
    expect(await statusFor({ cookie: user.cookie })).toBe(200);
    await service.app.database.prisma.session.updateMany({
      where: { userId: user.id },
      data: { expiresAt: new Date(Date.now() - 1) },
    });
    expect(await statusFor({ cookie: user.cookie })).toBe(401);
    // Ended ones are cleared away with the next sign-in.
    await user.enter();
    expect(await service.app.database.prisma.session.count({ where: { userId: user.id } })).toBe(1);
  });

  test('ends with the sign-out; others of the same user go on', async () => {
    const user = await newUser();
    const other = await user.enter();
    const response = await fetch(`${service.url}/api/session`, {
      method: 'DELETE',
      headers: { cookie: user.cookie, origin: service.url },
    });
    expect([response.status, response.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringMatching(/^polyrelay_session=; .*Expires=Thu, 01 Jan 1970/),
    ]);
    expect([await statusFor({ cookie: user.cookie }), await statusFor({ cookie: other })]).toEqual([
      401, 200,
    ]);
  });

  test('made up is none', async () => {
    expect(await statusFor({ cookie: 'polyrelay_session=made-up' })).toBe(401);
    expect(await statusFor({ cookie: 'polyrelay_session=' })).toBe(401);
  });
});

describe('an access token', () => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  const create = async (cookie: string, body: Record<string, unknown>): Promise<CreatedAccessToken> => {
    const response = await post(service, '/api/access-tokens', body, { cookie, origin: service.url });
    expect(response.status).toBe(201);
    return (await response.json()) as CreatedAccessToken;
  };

  test('is shown once, and stored nowhere', async () => {
    const { cookie } = await newUser();
    const created = await create(cookie, { name: 'script' });
    expect(created).toMatchObject({ name: 'script', lastUsedAt: null, expiresAt: null });
    expect(created.token).toMatch(/^pr_[\w-]{43}$/);
    expect(created.prefix).toBe(created.token.slice(0, 9));

    const { items } = await service.call<{ items: AccessToken[] }>('GET', '/api/access-tokens', {
      headers: { cookie },
    });
    expect(items).toHaveLength(1);
    expect(JSON.stringify(items)).not.toContain(created.token);
    const { rows } = await service.app.database.pool.query<{ text: string }>(
      'SELECT t::text AS text FROM access_tokens t UNION ALL SELECT a::text FROM audit_entries a UNION ALL SELECT e::text FROM events e',
    );
    expect(rows.some(({ text }) => text.includes(created.token))).toBe(false);
  });

  test('speaks for its user until it is revoked, and notes its use', async () => {
    const user = await newUser();
    const { id, token } = await create(user.cookie, { name: 'script' });
    const session = await service.call<Session>('GET', '/api/session', {
      anonymous: true,
      headers: bearer(token),
    });
    expect(session).toMatchObject({ kind: 'accessToken', user: { id: user.id }, expiresAt: null });
    const { items } = await service.call<{ items: AccessToken[] }>('GET', '/api/access-tokens', {
      headers: { cookie: user.cookie },
    });
    expect(items[0]?.lastUsedAt).toEqual(expect.any(String));

    // Nobody else can revoke it, an admin neither.
    await service.call('DELETE', `/api/access-tokens/${id}`, { status: 404 });
    await service.call('DELETE', `/api/access-tokens/${id}`, {
      headers: { cookie: user.cookie },
      status: 204,
    });
    const refused = await fetch(`${service.url}/api/session`, { headers: bearer(token) });
    expect([refused.status, await codeOf(refused)]).toEqual([401, 'badToken']);
  });

  test('ends when its time is over', async () => {
    const { cookie } = await newUser();
    const past = { name: 'x', expiresAt: new Date(Date.now() - 1000).toISOString() };
    const refused = await post(service, '/api/access-tokens', past, { cookie, origin: service.url });
    expect((await refused.json()) as Problem).toMatchObject({ status: 400, errors: [{ path: 'expiresAt' }] });

    const expiresAt = new Date(Date.now() + 1500).toISOString();
    const { token } = await create(cookie, { name: 'x', expiresAt });
    await expect.poll(() => statusFor(bearer(token))).toBe(401);
    // And not before.
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
  });

  test('is forgotten when another replica revokes it, and with its user', async () => {
    const { app } = service;
    const user = await newUser();
    const revoked = await create(user.cookie, { name: 'x' });
    const left = await create(user.cookie, { name: 'x' });
    for (const { token } of [revoked, left]) expect(await statusFor(bearer(token))).toBe(200);
    await app.events.transaction(async (tx, record) => {
      await tx.accessToken.delete({ where: { id: revoked.id } });
      record({ topic: `users/${user.id}`, operation: 'UPDATE', ownerId: null });
    });
    await expect.poll(() => statusFor(bearer(revoked.token))).toBe(401);
    expect(await statusFor(bearer(left.token))).toBe(200);
    await service.call('DELETE', `/api/users/${user.id}`, { status: 204 });
    expect(await statusFor(bearer(left.token))).toBe(401);
  });

  test('is taken only as it stands', async () => {
    const { cookie } = await newUser();
    const { token } = await create(cookie, { name: 'x' });
    for (const wrong of [`${token}x`, token.slice(0, -1), token.slice(3), ''])
      expect(await statusFor({ authorization: `Bearer ${wrong}` }), wrong).toBe(401);
    expect(await statusFor({ authorization: `bearer ${token}` })).toBe(200);
  });
});

describe('a member', () => {
  test('does not do what is an admin’s', async () => {
    const { id, cookie } = await newUser();
    for (const [method, path, body] of [
      ['GET', '/api/users', undefined],
      ['POST', '/api/users', { email: 'x@example.org', password: 'long enough!', role: 'admin' }],
      ['DELETE', `/api/users/${id}`, undefined],
      ['GET', '/api/audit', undefined],
    ] as const) {
      const problem = await service.call(method, path, { headers: { cookie }, body, status: 403 });
      expect(problem).toMatchObject({ code: 'adminOnly' });
    }
    // Nor do they make an admin of themselves.
    await service.call('PATCH', '/api/users/me', { headers: { cookie }, body: { name: 'x', role: 'admin' } });
    expect(await service.call('GET', '/api/session', { headers: { cookie } })).toMatchObject({
      user: { role: 'member', name: 'x' },
    });
  });

  test('finds nothing of another’s node server: every call about it answers as if it were not there', async () => {
    const other = await newUser();
    const nodeServer = await registerLocal(service);
    const { paths } = await service.call<{ paths: Record<string, Record<string, unknown>> }>(
      'GET',
      '/api/openapi.json',
    );
    const bodies: Record<string, unknown> = {
      'patch ': { name: 'mine now' },
      'put /custom-params': { key: 'value' },
      'put /polls': { shortPoll: 30, longPoll: 300 },
      'post /nodes/{address}/commands': { cmd: 'DON' },
      'post /move': { slot: 3 },
    };
    const tried: string[] = [];
    for (const [path, methods] of Object.entries(paths)) {
      if (!path.startsWith('/api/node-servers/{id}')) continue;
      const url = path
        .replace('{id}', nodeServer.id)
        .replace('{address}', 'controller')
        .replace('{driver}', 'ST')
        .replace(/\{\w+\}/g, 'x');
      for (const method of Object.keys(methods)) {
        const body = bodies[`${method} ${path.slice('/api/node-servers/{id}'.length)}`];
        const response = await fetch(service.url + url, {
          method: method.toUpperCase(),
          headers: { cookie: other.cookie, origin: service.url, ...(body === undefined ? {} : json) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        tried.push(`${method} ${path}: ${response.status}`);
        await response.body?.cancel();
      }
    }
    expect(tried.length).toBeGreaterThan(12);
    expect(tried.filter((line) => !line.endsWith(': 404'))).toEqual([]);
    const start = `/api/oauth/start?nodeServer=${nodeServer.id}&notice=auth`;
    await service.call('GET', start, { headers: { cookie: other.cookie }, status: 404 });

    const list = async (path: string): Promise<unknown[]> =>
      (await service.call<{ items: unknown[] }>('GET', path, { headers: { cookie: other.cookie } })).items;
    expect(await list('/api/node-servers')).toEqual([]);
    expect(await list('/api/events?topic=nodeServers/%23')).toEqual([]);
    expect(await service.call<NodeServer>('GET', `/api/node-servers/${nodeServer.id}`)).toMatchObject({
      name: 'Test',
      customParams: {},
    });
  });
});

describe('one’s own account', () => {
  const change = (cookie: string, body: unknown, status = 200) =>
    service.call<Problem & User>('PATCH', '/api/users/me', { headers: { cookie }, body, status });

  test('a new password needs the old one, and ends every other session', async () => {
    const user = await newUser();
    const [elsewhere, otherUser] = [await user.enter(), await newUser()];
    const newPassword = 'a better password';
    for (const currentPassword of [undefined, 'wrong']) {
      const refused = await change(user.cookie, { newPassword, currentPassword }, 403);
      expect(refused).toMatchObject({ code: 'wrongPassword', errors: [{ path: 'currentPassword' }] });
    }
    expect(await statusFor({ cookie: elsewhere })).toBe(200);
    await change(user.cookie, { newPassword, currentPassword: user.password });
    expect(
      await Promise.all([user.cookie, elsewhere, otherUser.cookie].map((cookie) => statusFor({ cookie }))),
    ).toEqual([200, 401, 200]);
    const credentials = { email: user.email, password: newPassword };
    expect((await post(service, '/api/session', credentials, user.from)).status).toBe(200);
    expect((await post(service, '/api/session', user, user.from)).status).toBe(401);
  });

  test('another e-mail address needs the password too, and must be free', async () => {
    const [user, other] = [await newUser(), await newUser()];
    await change(user.cookie, { email: 'free@example.org' }, 403);
    const taken = { email: other.email.toUpperCase(), currentPassword: user.password };
    expect(await change(user.cookie, taken, 409)).toMatchObject({
      code: 'emailTaken',
      errors: [{ path: 'email' }],
    });
    const moved = await change(user.cookie, { email: 'Free@example.org', currentPassword: user.password });
    expect(moved.email).toBe('free@example.org');
    // A name does not.
    expect((await change(user.cookie, { name: 'Free' })).name).toBe('Free');
  });
});

test('a user who is removed is gone, with sessions and tokens; nobody removes themselves', async () => {
  const [user, admin] = [await newUser(), await newUser('admin')];
  const created = await post(
    service,
    '/api/access-tokens',
    { name: 'x' },
    { cookie: user.cookie, origin: service.url },
  );
  const { token } = (await created.json()) as CreatedAccessToken;
  const remove = (id: string, status: number) =>
    service.call('DELETE', `/api/users/${id}`, { headers: { cookie: admin.cookie }, status });
  expect(await remove(admin.id, 409)).toMatchObject({ code: 'yourself' });
  await remove(user.id, 204);
  expect(await statusFor({ cookie: user.cookie })).toBe(401);
  expect(await statusFor({ authorization: `Bearer ${token}` })).toBe(401);
  await remove(user.id, 404);
});

describe('the audit log', () => {
  test('tells who did what, from where, newest first, page by page; never a secret', async () => {
    const user = await newUser();
    const headers = { cookie: user.cookie, ...user.from };
    await post(service, '/api/session', { email: user.email, password: 'canary-guess' }, user.from);
    const { id, token } = await service.call<CreatedAccessToken>('POST', '/api/access-tokens', {
      headers,
      body: { name: 'script' },
      status: 201,
    });
    await service.call('DELETE', `/api/access-tokens/${id}`, { headers, status: 204 });
    const body = { currentPassword: user.password, newPassword: 'canary-new-password' };
    await service.call('PATCH', '/api/users/me', { headers, body });

    const entries = await audit();
    const [ip] = Object.values(user.from);
    expect(entries.filter(({ actor }) => actor === user.email)).toMatchObject([
      { action: 'user.change', detail: { password: true }, ip },
      { action: 'accessToken.revoke', target: id, ip },
      { action: 'accessToken.create', target: 'script', ip },
      { action: 'signIn.failed', ip },
      { action: 'signIn', ip },
    ]);
    expect(entries).toContainEqual(
      expect.objectContaining({ actor: ADMIN.email, action: 'user.create', target: user.email }),
    );
    expect(entries.at(-1)).toMatchObject({ action: 'setup', actor: ADMIN.email });
    for (const secret of [
      token,
      user.password,
      'canary-guess',
      'canary-new-password',
      user.cookie.split('=')[1],
    ])
      expect(JSON.stringify(entries)).not.toContain(secret);

    const pages: AuditEntry[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { items: AuditEntry[]; nextCursor: string | null } = await service.call(
        'GET',
        `/api/audit?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      pages.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(pages.map((entry) => entry.id)).toEqual(entries.map((entry) => entry.id));
  });

  test('counts what one sender repeats instead of filling up', async () => {
    const from = { 'x-forwarded-for': '10.6.0.1' };
    for (let i = 0; i < 5; i++)
      await post(service, '/api/session', { email: 'loop@example.org', password: `${i}` }, from);
    expect((await audit()).filter(({ actor }) => actor === 'loop@example.org')).toHaveLength(1);
  });
});

test('cookies are for https alone where the service is reached by it', async () => {
  const secure = await startService({ PUBLIC_URL: 'https://relay.example.org' });
  const response = await post(secure, '/api/session', ADMIN);
  expect(response.headers.get('set-cookie')).toMatch(/; Secure(;|$)/);
  expect(await signIn(secure.url, ADMIN)).toContain('polyrelay_session=');
  await secure.close();
});
