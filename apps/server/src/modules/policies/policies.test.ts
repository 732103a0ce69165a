import type { AuditEntry, Policy, PolicyLimits, PolicyList, Problem, User } from '@polyrelay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastingPlace, signIn, startService, type TestService } from '../../testing/service.js';

const NONE: PolicyLimits = { things: null, collected: null, published: null, retentionDays: null };

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

let made = 0;

async function newMember() {
  const credentials = { email: `member${++made}@example.org`, password: `password of member ${made}` };
  const { id } = await service.call<User>('POST', '/api/users', { body: credentials, status: 201 });
  const headers = { cookie: await signIn(service.url, credentials) };
  return { id, email: credentials.email, headers };
}

/** Counts in a transaction of its own, as the modules that store messages do. */
const admit = (userId: string, what: 'collected' | 'published', wanted: number) =>
  service.app.database.sql((client) => service.app.policies.admit(client, userId, what, wanted));

test('nothing is limited until an admin says so; the month is counted', async () => {
  const { id, headers } = await newMember();
  expect(await admit(id, 'collected', 3)).toBe(3);
  expect(await admit(id, 'published', 1)).toBe(1);
  const policy = await service.call<Policy>('GET', '/api/policy', { headers });
  expect(policy).toMatchObject({
    limits: NONE,
    own: false,
    usage: { things: 0, collected: 3, published: 1 },
  });
  const start = new Date(policy.periodStart);
  expect([start.getUTCDate(), start.getUTCHours(), start.getUTCMinutes()]).toEqual([1, 0, 0]);
  expect(new Date(policy.periodEnd).getUTCDate()).toBe(1);
  expect(Date.now()).toBeGreaterThanOrEqual(start.getTime());
  expect(Date.now()).toBeLessThan(Date.parse(policy.periodEnd));
});

test('what was counted in an earlier month is not counted now', async () => {
  const { id, headers } = await newMember();
  await service.call('PUT', `/api/policies/${id}`, { body: { ...NONE, collected: 2 } });
  await service.app.database.pool.query(
    `INSERT INTO usage (user_id, month, collected)
     VALUES ($1, date_trunc('month', now(), 'UTC') - interval '1 month', 1000)`,
    [id],
  );
  expect(await admit(id, 'collected', 5)).toBe(2);
  expect(await service.call('GET', '/api/policy', { headers })).toMatchObject({ usage: { collected: 2 } });
});

test('own limits go before those for everybody, hold at once, and can be taken back', async () => {
  const { id, headers } = await newMember();
  const everybody = { ...NONE, collected: 10, retentionDays: 30 };
  expect(await service.app.policies.limitsOf(id)).toEqual(NONE);
  expect(await service.call('PUT', '/api/policies/default', { body: everybody })).toEqual(everybody);
  expect(await service.call('PUT', '/api/policies/default', { body: everybody })).toEqual(everybody);
  expect(await service.call('GET', '/api/policy', { headers })).toMatchObject({
    limits: everybody,
    own: false,
  });
  expect(await admit(id, 'collected', 11)).toBe(10);

  const own = { ...NONE, collected: 12, things: 0 };
  const put = await service.call<Policy>('PUT', `/api/policies/${id}`, { body: own });
  expect(put).toMatchObject({ limits: own, own: true, usage: { collected: 10 } });
  expect(await admit(id, 'collected', 11)).toBe(2);
  expect(await admit(id, 'collected', 1)).toBe(0);
  expect(await admit(id, 'published', 1000)).toBe(1000);

  const list = await service.call<PolicyList>('GET', '/api/policies');
  expect(list.default).toEqual(everybody);
  expect(list.users.find(({ userId }) => userId === id)).toMatchObject({
    limits: own,
    own: true,
    usage: { things: 0, collected: 12, published: 1000 },
  });
  expect(list.users[0]).toMatchObject({ email: 'admin@example.org', limits: everybody, own: false });

  expect(await service.call('DELETE', `/api/policies/${id}`)).toMatchObject({
    limits: everybody,
    own: false,
  });
  expect(await service.call('DELETE', `/api/policies/${id}`)).toMatchObject({ own: false });
  await service.call('PUT', '/api/policies/default', { body: NONE });
  expect(await admit(id, 'collected', 1)).toBe(1);

  const { items } = await service.call<{ items: AuditEntry[] }>('GET', '/api/audit?limit=100');
  const ours = items.filter(({ action }) => action.startsWith('policy.'));
  expect(ours.map(({ action, target }) => [action, target]).slice(0, 2)).toEqual([
    ['policy.change', 'default'],
    ['policy.remove', list.users.find(({ userId }) => userId === id)?.email],
  ]);
  const { items: events } = await service.call<{ items: { topic: string; payload: unknown }[] }>(
    'GET',
    '/api/events?topic=policies/%2B&limit=1000',
  );
  expect(events).toContainEqual(expect.objectContaining({ topic: 'policies/default', payload: everybody }));
  expect(events).toContainEqual(
    expect.objectContaining({ topic: `policies/${id}`, operation: 'DELETION', payload: {} }),
  );
});

test('a limit is exact however many count at once', async () => {
  const { id, headers } = await newMember();
  await service.call('PUT', `/api/policies/${id}`, { body: { ...NONE, collected: 25 } });
  const admitted = await Promise.all(Array.from({ length: 40 }, () => admit(id, 'collected', 3)));
  expect(admitted.reduce((sum, one) => sum + one, 0)).toBe(25);
  expect(await service.call('GET', '/api/policy', { headers })).toMatchObject({ usage: { collected: 25 } });
});

test('what is not stored in the end is not counted', async () => {
  const { id, headers } = await newMember();
  const failing = service.app.database.sql(async (client) => {
    await service.app.policies.admit(client, id, 'collected', 3);
    throw new Error('not stored');
  });
  await expect(failing).rejects.toThrow('not stored');
  expect(await service.call('GET', '/api/policy', { headers })).toMatchObject({ usage: { collected: 0 } });
});

test('things made at once stay within the limit', async () => {
  const { id } = await newMember();
  await service.call('PUT', `/api/policies/${id}`, { body: { ...NONE, things: 2 } });
  const { things: limit } = await service.app.policies.limitsOf(id);
  const make = (name: string) =>
    service.app.database.transaction(async (tx) => {
      await service.app.policies.admitThing(tx, id, limit);
      await tx.thing.create({
        data: { ownerId: id, name: `${id}-${name}`, certificate: '', certificateId: name, publicKey: '' },
      });
    });
  const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map(make));
  const refused = results.filter((one) => one.status === 'rejected');
  expect(refused).toHaveLength(2);
  expect(refused[0]?.reason).toMatchObject({ kind: 'forbidden', code: 'overLimit' });
  expect(String(refused[0]?.reason)).toContain('allows 2 things');
  expect((await service.app.policies.read(id)).usage.things).toBe(2);
});

test('wrong limits and unknown users are refused, and members set none', async () => {
  const { id, headers } = await newMember();
  const wrong: [unknown, string][] = [
    [{ ...NONE, things: -1 }, 'things'],
    [{ ...NONE, collected: 1.5 }, 'collected'],
    [{ ...NONE, published: 1e15 }, 'published'],
    [{ ...NONE, retentionDays: 0 }, 'retentionDays'],
    [{ ...NONE, things: '5' }, 'things'],
    [{ things: 1 }, 'collected'],
  ];
  for (const [body, path] of wrong) {
    const problem = await service.call<Problem>('PUT', `/api/policies/${id}`, { body, status: 400 });
    expect(problem.errors?.map((one) => one.path)).toContain(path);
  }
  const nobody = '/api/policies/00000000-0000-4000-8000-000000000000';
  await service.call('PUT', nobody, { body: NONE, status: 404 });
  await service.call('DELETE', nobody, { status: 404 });
  await service.call('PUT', '/api/policies/everybody', { body: NONE, status: 400 });
  for (const [method, path] of [
    ['GET', '/api/policies'],
    ['PUT', '/api/policies/default'],
    ['PUT', `/api/policies/${id}`],
    ['DELETE', `/api/policies/${id}`],
  ] as const) {
    const body = method === 'PUT' ? { body: NONE } : {};
    const problem = await service.call<Problem>(method, path, { ...body, headers, status: 403 });
    expect(problem.code).toBe('adminOnly');
    await service.call(method, path, { ...body, anonymous: true, status: 401 });
  }
});

test('another replica hears of new limits', async () => {
  const place = await lastingPlace();
  const one = await startService(place.env);
  const other = await startService(place.env);
  try {
    const { id } = (await one.call<{ user: User }>('GET', '/api/session')).user;
    expect(await other.app.policies.limitsOf(id)).toEqual(NONE);
    const heard = new Promise((resolve) => other.app.events.on('policies/default', resolve));
    await one.call('PUT', '/api/policies/default', { body: { ...NONE, published: 7 } });
    await heard;
    expect(await other.app.policies.limitsOf(id)).toEqual({ ...NONE, published: 7 });
  } finally {
    await other.close();
    await one.close();
    await place.remove();
  }
});
