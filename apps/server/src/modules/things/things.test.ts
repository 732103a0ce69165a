import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { Problem, Thing, ThingCounts, ThingPage } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nextEvent } from '../../testing/node-servers.js';
import { lastingPlace, signIn, startService, type TestService } from '../../testing/service.js';
import { createThing, thingFiles } from '../../testing/things.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

let people = 0;

/** Calls of another person, a member who has nothing yet. */
async function newMember(): Promise<{ id: string; headers: { cookie: string; origin: string } }> {
  const person = {
    email: `member-${++people}@example.org`,
    password: 'a long enough password',
    role: 'member',
  };
  const { id } = await service.call<{ id: string }>('POST', '/api/users', { body: person, status: 201 });
  return { id, headers: { cookie: await signIn(service.url, person), origin: service.url } };
}

/** Rows without keys that open anything: making real ones takes 150 ms each. */
async function manyThings(
  ownerId: string,
  count: number,
  change: (i: number) => { name?: string; type?: string; enabled?: boolean; tested?: boolean },
  activity: (i: number) => { connected?: boolean; lastSeenAt?: Date; collected?: bigint } = () => ({}),
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { tested, ...data } = change(i);
    const at = tested === true ? new Date() : null;
    await service.app.database.prisma.thing.create({
      data: {
        ownerId,
        name: `${ownerId.slice(0, 8)}-row-${i}`,
        certificate: '',
        publicKey: '',
        certificateId: `${ownerId}-${i}`,
        testCollectedAt: at,
        testPublishedAt: at,
        ...data,
        activity: { create: activity(i) },
      },
    });
  }
}

describe('creating', () => {
  test('makes a name, a key pair and a certificate of the service for exactly that key', async () => {
    const thing = await createThing(service, { name: 'greenhouse', type: 'RaspberryPi' });
    expect(thing).toMatchObject({
      name: `${thing.ownerId.slice(0, 8)}-greenhouse`,
      type: 'RaspberryPi',
      status: 'created',
      enabled: true,
      connected: false,
      lastSeenAt: null,
      privateKey: 'available',
      bootstrap: { collectedAt: null, publishedAt: null },
    });
    const certificate = new X509Certificate(thing.certificate);
    expect(certificate.subject).toBe(`CN=${thing.name}`);
    expect(certificate.verify(new X509Certificate(service.app.authority.caPem).publicKey)).toBe(true);
    const key = createPrivateKey((await thingFiles(service, thing)).privateKey);
    expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
    expect(certificate.checkPrivateKey(key)).toBe(true);
    expect(createPublicKey(thing.publicKey).equals(createPublicKey(key))).toBe(true);
    expect(await service.call('GET', `/api/things/${thing.id}`)).toEqual(thing);
  });

  test.each(['', ' ', '-a', 'a-', 'a b', 'ä', 'a/b', 'a+b', '#', 'x'.repeat(51)])(
    'refuses the name %j, and says which are taken',
    async (name) => {
      const problem = await service.call<Problem>('POST', '/api/things', { body: { name }, status: 400 });
      expect(problem.errors?.[0]).toMatchObject({
        path: 'name',
        message: expect.stringMatching(/such as|at most/),
      });
    },
  );

  test('of two with one name at once one is refused; another owner may use the name', async () => {
    const answers = await Promise.all(
      [1, 2].map(async () => {
        const response = await service.fetch('/api/things', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"name":"twin"}',
        });
        return { status: response.status, body: (await response.json()) as Problem };
      }),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'nameTaken',
      errors: [{ path: 'name' }],
    });
    const { id, headers } = await newMember();
    const other = await createThing(
      { ...service, call: (method, path, options) => service.call(method, path, { ...options, headers }) },
      { name: 'twin' },
    );
    expect(other).toMatchObject({ ownerId: id, name: `${id.slice(0, 8)}-twin` });
  });

  test('stops at the limit of the policy, also with several at once', async () => {
    const { id, headers } = await newMember();
    await service.app.database.prisma.policy.create({ data: { userId: id, things: 2 } });
    const status = async (name: string): Promise<number> =>
      (
        await service.fetch('/api/things', {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ name }),
        })
      ).status;
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(status));
    expect(answers.toSorted()).toEqual([201, 201, 403, 403]);
    const problem = await service.call<Problem>('POST', '/api/things', {
      body: { name: 'e' },
      headers,
      status: 403,
    });
    expect(problem).toMatchObject({ code: 'overLimit', detail: expect.stringContaining('2 things') });
  });
});

describe('listing', () => {
  let headers: { cookie: string; origin: string };
  const TIMES = [
    '2026-01-03T00:00:00.000Z',
    undefined,
    '2026-01-01T00:00:00.000Z',
    '2026-01-02T00:00:00.000Z',
  ];
  beforeAll(async () => {
    const member = await newMember();
    headers = member.headers;
    await manyThings(
      member.id,
      25,
      (i) => ({ type: i === 7 ? 'Odd_Type 100%' : 'Pi', enabled: i !== 3, tested: i % 5 === 0 }),
      (i) => {
        const time = TIMES[i % TIMES.length];
        return {
          connected: i < 2,
          collected: BigInt(i % 4),
          ...(time === undefined ? {} : { lastSeenAt: new Date(time) }),
        };
      },
    );
  });
  const list = (query: string): Promise<ThingPage> =>
    service.call<ThingPage>('GET', `/api/things?${query}`, { headers });

  test.each(['name', 'createdAt', 'lastSeenAt', 'collected', 'published'] as const)(
    'goes through all of them by %s, either way, page by page, each once',
    async (sort) => {
      for (const order of ['asc', 'desc']) {
        const whole = await list(`sort=${sort}&order=${order}&limit=500`);
        expect(whole).toMatchObject({ nextCursor: null });
        expect(new Set(whole.items.map(({ id }) => id)).size).toBe(25);
        const keys = whole.items.map((item) => item[sort] ?? '');
        const sorted = keys.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        expect(keys).toEqual(order === 'asc' ? sorted : sorted.toReversed());
        const paged: string[] = [];
        let cursor: string | null = '';
        while (cursor !== null) {
          const page: ThingPage = await list(
            `sort=${sort}&order=${order}&limit=4${cursor === '' ? '' : `&cursor=${cursor}`}`,
          );
          paged.push(...page.items.map(({ id }) => id));
          cursor = page.nextCursor;
        }
        expect(paged).toEqual(whole.items.map(({ id }) => id));
      }
    },
  );

  test('finds part of a name or type, in any case, and takes no wildcards', async () => {
    const names = async (search: string): Promise<string[]> =>
      (await list(`search=${encodeURIComponent(search)}`)).items.map(({ name }) => name.slice(9));
    expect(await names('ROW-7')).toEqual(['row-7']);
    expect(await names('odd_t')).toEqual(['row-7']);
    expect(await names('100%')).toEqual(['row-7']);
    expect(await names('%')).toEqual(['row-7']);
    expect(await names('row_7')).toEqual([]);
    expect(await names("'; DROP")).toEqual([]);
    expect(await names('\0')).toEqual([]);
    expect((await names('')).length).toBe(25);
  });

  test('filters by state, and counts the same', async () => {
    const counts = await service.call<ThingCounts>('GET', '/api/things/counts', { headers });
    expect(counts).toEqual({ total: 25, created: 20, verified: 5, disabled: 1, connected: 2 });
    for (const status of ['created', 'verified', 'disabled', 'connected'] as const)
      expect((await list(`status=${status}`)).items.length, status).toBe(counts[status]);
    expect((await list('status=verified')).items.every((thing) => thing.status === 'verified')).toBe(true);
  });

  test('refuses a cursor that is none of this list', async () => {
    const { nextCursor } = await list('sort=name&limit=1');
    const id = '00000000-0000-4000-8000-000000000000';
    const made = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const [sort, cursor] of [
      ['name', 'x'],
      ['name', made(['a\0', id])],
      ['name', made(['a', "'"])],
      ['createdAt', nextCursor],
      ['createdAt', made(['0000-01-01T00:00:00Z', id])],
      ['collected', made(['9'.repeat(19), id])],
      ['lastSeenAt', made(['infinity', id])],
    ])
      expect(
        await service.call('GET', `/api/things?sort=${sort}&cursor=${cursor}`, { headers, status: 400 }),
      ).toMatchObject({ code: 'badCursor' });
  });

  test('shows members theirs and admins all', async () => {
    const [mine, all] = [
      await list('limit=500'),
      await service.call<ThingPage>('GET', '/api/things?limit=500'),
    ];
    expect(new Set(mine.items.map(({ ownerId }) => ownerId)).size).toBe(1);
    expect(all.items.length).toBeGreaterThan(mine.items.length);
    const { total } = await service.call<ThingCounts>('GET', '/api/things/counts');
    expect(total).toBe(all.items.length);
  });
});

describe('a thing of somebody else', () => {
  test('does not exist, whatever is done to it', async () => {
    const { id } = await createThing(service);
    const { headers } = await newMember();
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { enabled: false }],
      ['DELETE', '', undefined],
      ['POST', '/keys', undefined],
    ] as const)
      expect(
        await service.call(method, `/api/things/${id}${path}`, {
          headers,
          status: 404,
          ...(body === undefined ? {} : { body }),
        }),
      ).toMatchObject({ code: 'notFound' });
    expect(await service.call('GET', `/api/things/${id}`)).toMatchObject({ enabled: true });
  });
});

describe('changing', () => {
  test('says what changed, and nothing where nothing did', async () => {
    const { id, name } = await createThing(service);
    const told: unknown[] = [];
    const announced = nextEvent(service, `things/${id}`, ({ enabled }) => enabled === true);
    const end = service.app.events.on(`things/${id}`, ({ payload }) => void told.push(payload));
    const change = (body: Record<string, unknown>) =>
      service.call<Thing>('PATCH', `/api/things/${id}`, { body });
    expect(await change({ type: 'Pi', keepPrivateKey: true })).toMatchObject({
      type: 'Pi',
      keepPrivateKey: true,
    });
    await change({ type: 'Pi' });
    expect(await change({ enabled: false })).toMatchObject({ enabled: false });
    expect(await change({ enabled: true })).toMatchObject({ enabled: true });
    await announced;
    end();
    expect(told).toEqual([{ type: 'Pi', keepPrivateKey: true }, { enabled: false }, { enabled: true }]);
    const entries = await service.app.database.prisma.auditEntry.findMany({
      where: { target: name },
      orderBy: { id: 'asc' },
    });
    expect(entries.map(({ action }) => action)).toEqual([
      'thing.create',
      'thing.change',
      'thing.disable',
      'thing.enable',
    ]);
  });
});

describe('the list of refused certificates', () => {
  test('has the ones before the present one, and the present one while the thing is disabled', async () => {
    const { id, certificate } = await createThing(service);
    const isListed = async (pem: string): Promise<boolean> => {
      const serial = new X509Certificate(pem).serialNumber;
      return (await service.app.database.prisma.revokedCertificate.count({ where: { serial } })) === 1;
    };
    const enable = (enabled: boolean) => service.call('PATCH', `/api/things/${id}`, { body: { enabled } });
    expect(await isListed(certificate)).toBe(false);
    await enable(false);
    expect(await isListed(certificate)).toBe(true);
    // Two at once: the one that was good for a moment is refused too.
    const rotated = await Promise.all(
      [1, 2].map(() => service.call<Thing>('POST', `/api/things/${id}/keys`)),
    );
    for (const one of rotated) expect(await isListed(one.certificate)).toBe(true);
    await enable(true);
    const now = await service.call<Thing>('GET', `/api/things/${id}`);
    expect(await isListed(now.certificate)).toBe(false);
    expect(await isListed(certificate)).toBe(true);
    await service.call('DELETE', `/api/things/${id}`, { status: 204 });
    expect(await isListed(now.certificate)).toBe(true);
  });
});

describe('deleting', () => {
  test('runs what other modules delete first, and can be called again after it failed', async () => {
    const thing = await createThing(service);
    const runs: unknown[] = [];
    let fails = true;
    service.app.things.onDelete(async (deleted) => {
      if (deleted.id !== thing.id) return;
      runs.push(deleted);
      if (fails) throw new Error('the disk is on fire');
    });
    await service.call('DELETE', `/api/things/${thing.id}`, { status: 500 });
    // Nobody sees it any more, but it is not gone.
    await service.call('GET', `/api/things/${thing.id}`, { status: 404 });
    expect(await service.app.things.refs.byId(thing.id)).toBeUndefined();
    const { items } = await service.call<ThingPage>('GET', `/api/things?search=${thing.name}`);
    expect(items).toEqual([]);
    fails = false;
    await service.call('DELETE', `/api/things/${thing.id}`, { status: 204 });
    const { id, ownerId, name } = thing;
    expect(runs).toEqual([
      { id, ownerId, name },
      { id, ownerId, name },
    ]);
    expect(await service.app.database.prisma.thing.findUnique({ where: { id } })).toBeNull();
    await service.call('DELETE', `/api/things/${id}`, { status: 404 });
    await createThing(service, { name: name.slice(9) });
  });

  test('that a crash interrupted is finished by the next start', async () => {
    const place = await lastingPlace();
    let own = await startService(place.env);
    const { id } = await createThing(own);
    const { prisma } = own.app.database;
    await prisma.thing.update({ where: { id }, data: { deleting: true } });
    await own.close();
    own = await startService(place.env);
    while ((await own.app.database.prisma.thing.count()) > 0);
    await own.close();
    await place.remove();
  });

  test('a user who has things is not removed with them connected', async () => {
    const { id, headers } = await newMember();
    await createThing({
      ...service,
      call: (method, path, options) => service.call(method, path, { ...options, headers }),
    });
    expect(await service.call('DELETE', `/api/users/${id}`, { status: 409 })).toMatchObject({
      code: 'hasThings',
    });
  });
});

describe('the private key', () => {
  test('is encrypted with a new key of the service at the next start', async () => {
    const keys = [1, 2].map((n) => Buffer.alloc(32, n).toString('base64'));
    const place = await lastingPlace();
    const start = (...used: (string | undefined)[]): Promise<TestService> =>
      startService({ ...place.env, POLYRELAY_KEY: used.join(',') });
    let own = await start(keys[0]);
    const [thing, gone] = [await createThing(own), await createThing(own)];
    await own.app.database.prisma.thing.update({ where: { id: gone.id }, data: { privateKey: null } });
    const { privateKey } = await thingFiles(own, thing);
    await own.close();
    own = await start(keys[1], keys[0]);
    await own.close();
    own = await start(keys[1]);
    expect((await thingFiles(own, thing)).privateKey).toBe(privateKey);
    await own.close();
    await place.remove();
  });
});
