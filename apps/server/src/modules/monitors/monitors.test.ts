import type { Monitor, MonitorPage, MonitorRequest, MonitorStatus } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecordedEvent } from '../../core/events/types.js';
import { openLive } from '../../testing/live.js';
import { signIn, startService, type TestService } from '../../testing/service.js';

const MEMBER = { email: 'member@example.org', password: 'member member', role: 'member' };

let service: TestService;
let member: { cookie: string; origin: string };
let memberId: string;
beforeAll(async () => {
  // HTTP monitors send to this machine, where nobody takes it.
  service = await startService({ ALLOW_PRIVATE_URLS: 'true' });
  ({ id: memberId } = await service.call<{ id: string }>('POST', '/api/users', {
    body: MEMBER,
    status: 201,
  }));
  member = { cookie: await signIn(service.url, MEMBER), origin: service.url };
});
afterAll(() => service.close());

const make = (body: MonitorRequest = { topic: 'DeviceCore' }, headers = {}): Promise<Monitor> =>
  service.call<Monitor>('POST', '/api/monitors', { body, headers, status: 201 });

const read = (id: number): Promise<Monitor> => service.call<Monitor>('GET', `/api/monitors/${id}`);

/** Changes of a monitor that are announced from now on; not that it was made, nor who sends for it. */
function hearing(id: number): RecordedEvent[] {
  const heard: RecordedEvent[] = [];
  service.app.events.on(`monitors/${id}`, (event) => {
    if (event.operation === 'DELETION' || 'changed' in event.payload) heard.push(event);
  });
  return heard;
}

/** A session as a process has it, last seen some seconds ago. */
const connect = (id: number, secondsAgo = 0): Promise<unknown> =>
  service.app.database.pool.query(
    `INSERT INTO monitor_sessions (monitor_id, id, peer, seen_at)
     VALUES ($1, gen_random_uuid(), '192.0.2.1:99', now() - make_interval(secs => $2))`,
    [id, secondsAgo],
  );

const HTTP = { topic: 'DataPoint', transportType: 'http', transportUrl: 'http://127.0.0.1:9/push' } as const;

describe('a monitor', () => {
  test('has the defaults of the protocol, and is what was asked for', async () => {
    const made = await make({ topic: ' DeviceCore , DataPoint', description: 'x' });
    expect(made).toMatchObject({
      topic: ' DeviceCore , DataPoint',
      description: 'x',
      transportType: 'tcp',
      formatType: 'json',
      batchSize: 100,
      batchDuration: 10,
      compression: 'none',
      ackOption: 'off',
      autoReplayOnConnect: false,
      schemaType: null,
      status: 'INACTIVE',
      statusReason: null,
      lastSent: null,
      sentEvents: 0,
      lag: { events: 0, more: false },
      hasTransportToken: false,
      signingSecret: null,
      peer: null,
    });
    expect(made.customerId).toBeGreaterThan(0);
    expect(await read(made.id)).toEqual(made);
    await service.call('DELETE', `/api/monitors/${made.id}`, { status: 204 });
    await service.call('GET', `/api/monitors/${made.id}`, { status: 404 });
    await service.call('DELETE', `/api/monitors/${made.id}`, { status: 404 });
  });

  test('keeps its token, its headers and its secret encrypted, and never shows the token', async () => {
    const secrets = { transportToken: 'user:canary', transportHeaders: { 'X-Key': 'canary' } };
    const made = await make({ ...HTTP, ...secrets });
    expect(made).toMatchObject({
      hasTransportToken: true,
      transportHeaders: { 'X-Key': 'canary' },
      status: 'CONNECTING',
    });
    expect(JSON.stringify(made)).not.toContain('user:canary');
    const { rows } = await service.app.database.pool.query(
      "SELECT encode(transport_token, 'escape') || encode(transport_headers, 'escape') AS sealed FROM monitors WHERE id = $1",
      [made.id],
    );
    expect(rows[0].sealed).not.toContain('canary');
    const heard = hearing(made.id);
    const renewed = await service.call<Monitor>('POST', `/api/monitors/${made.id}/secret`);
    expect(renewed.signingSecret).toMatch(/^.{32,}$/);
    expect(renewed).toEqual({ ...made, signingSecret: renewed.signingSecret });
    expect(renewed.signingSecret).not.toBe(made.signingSecret);
    await expect
      .poll(() => heard.map(({ payload }) => payload))
      .toEqual([{ topic: HTTP.topic, changed: ['signingSecret'] }]);
    const none = { transportToken: null, transportHeaders: {} };
    expect(await service.call('PATCH', `/api/monitors/${made.id}`, { body: none })).toMatchObject({
      hasTransportToken: false,
      transportHeaders: {},
    });
    const tcp = await make();
    await service.call('POST', `/api/monitors/${tcp.id}/secret`, { status: 409 });
  });

  test.each<[string, object, string, RegExp]>([
    ['no topic', { topic: '' }, 'topic', /Name the topics/],
    ['an unknown resource', { topic: 'DeviceCore,Nonsense' }, 'topic', /character 12/],
    ['a topic out of the grammar', { topic: 'DataPoint[X]' }, 'topic', /character/],
    ['a batch that is too large', { batchSize: 1001 }, 'batchSize', /1000/],
    ['a batch of half an event', { batchSize: 1.5 }, 'batchSize', /whole/],
    ['a batch that waits for ever', { batchDuration: 1e9 }, 'batchDuration', /86400/],
    ['HTTP without a URL', { transportType: 'http' }, 'transportUrl', /URL/],
    ['a URL that is none', { ...HTTP, transportUrl: 'example.org' }, 'transportUrl', /http:/],
    ['a URL of a file', { ...HTTP, transportUrl: 'file:///etc/passwd' }, 'transportUrl', /http:/],
    ['a URL with a password', { ...HTTP, transportUrl: 'http://a:b@c.org/' }, 'transportUrl', /token/],
    [
      'a header of the request',
      { ...HTTP, transportHeaders: { Host: 'x' } },
      'transportHeaders.Host',
      /itself/,
    ],
    ['a broken header', { ...HTTP, transportHeaders: { A: 'x\r\nB: y' } }, 'transportHeaders.A', /control/],
    ['HTTP that acknowledges', { ...HTTP, ackOption: 'explicit' }, 'ackOption', /TCP/],
    ['a template without its kind', { schemaData: 'x' }, 'schemaData', /handlebars/],
    ['a kind without its template', { schemaType: 'handlebars' }, 'schemaData', /Write the template/],
    ['a broken template', { schemaType: 'handlebars', schemaData: 'a\n{{#each}' }, 'schemaData', /line 2/i],
  ])('with %s is refused, and the field is named', async (_name, wrong, path, message) => {
    const refused = await service.call<{ errors: { path: string; message: string }[] }>(
      'POST',
      '/api/monitors',
      { body: { topic: 'DeviceCore', ...wrong }, status: 400 },
    );
    expect(refused.errors.map((error) => error.path)).toContain(path);
    expect(refused.errors.find((error) => error.path === path)?.message).toMatch(message);
  });

  test('is checked as a whole when it is changed', async () => {
    const { id } = await make(HTTP);
    const change = (body: object, status = 200) =>
      service.call<Monitor>('PATCH', `/api/monitors/${id}`, { body, status });
    await change({ transportUrl: '' }, 400);
    await change({ ackOption: 'explicit' }, 400);
    await change({ topic: 'x' }, 400);
    await change({ schemaType: 'handlebars', schemaData: '{{json events}}' });
    expect(await change({ schemaType: null })).toMatchObject({ schemaType: null, schemaData: '' });
    expect(await change({ transportType: 'tcp', ackOption: 'explicit' })).toMatchObject({
      status: 'SUSPENDED',
      transportUrl: HTTP.transportUrl,
    });
  });

  test('drops what was not acknowledged when it is changed, and its state begins anew', async () => {
    const { pool } = service.app.database;
    const { id } = await make({ ...HTTP });
    await pool.query(
      `UPDATE monitor_progress SET failing_since = now(), failure = 'refused', disabled = true, place = 77, next_seq = 3
       WHERE monitor_id = $1`,
      [id],
    );
    await pool.query(
      `INSERT INTO monitor_blocks (monitor_id, seq, block_id, first_place, last_place, events, bytes, state)
       VALUES ($1, 1, 1, 1, 77, 1, 1, 'delivered'), ($1, 2, 2, 78, 90, 1, 1, 'failed')`,
      [id],
    );
    expect(await read(id)).toMatchObject({ status: 'DISABLED', statusReason: 'refused' });
    const heard = hearing(id);
    const changed = await service.call<Monitor>('PATCH', `/api/monitors/${id}`, { body: { batchSize: 5 } });
    expect(changed).toMatchObject({ batchSize: 5, status: 'CONNECTING', statusReason: null });
    await expect
      .poll(() => heard)
      .toMatchObject([{ operation: 'UPDATE', payload: { changed: ['batchSize'] } }]);
    const rest = await pool.query(
      `SELECT (SELECT string_agg(state, ',') FROM monitor_blocks WHERE monitor_id = $1) AS blocks,
        (SELECT place::int FROM monitor_progress WHERE monitor_id = $1) AS place`,
      [id],
    );
    expect(rest.rows).toMatchObject([{ blocks: 'delivered' }]);
    // What happened while it was given up is not sent.
    expect(rest.rows[0].place).toBeGreaterThan(77);
    // Also when nothing is given.
    await service.call('PATCH', `/api/monitors/${id}`, { body: {} });
    await expect.poll(() => heard).toHaveLength(2);
  });

  test('that begins to keep its place begins now, and not where it last was', async () => {
    const { pool } = service.app.database;
    const placeOf = async (id: number): Promise<number> =>
      Number(
        (await pool.query('SELECT place FROM monitor_progress WHERE monitor_id = $1', [id])).rows[0].place,
      );
    const [idle, connected] = [await make(), await make()];
    await pool.query('UPDATE monitor_progress SET place = 1 WHERE monitor_id = ANY ($1)', [
      [idle.id, connected.id],
    ]);
    await connect(connected.id);
    for (const { id } of [idle, connected])
      await service.call('PATCH', `/api/monitors/${id}`, { body: { autoReplayOnConnect: true } });
    expect(await placeOf(idle.id)).toBeGreaterThan(1);
    expect(await placeOf(connected.id)).toBe(1);
  });

  test('is ACTIVE while its session was seen, and else INACTIVE or SUSPENDED', async () => {
    const status = async (settings: object, secondsAgo?: number): Promise<MonitorStatus> => {
      const { id } = await make({ topic: 'DeviceCore', ...settings });
      if (secondsAgo !== undefined) await connect(id, secondsAgo);
      const monitor = await read(id);
      expect(monitor.peer).toBe(
        monitor.status === 'ACTIVE' && secondsAgo !== undefined ? '192.0.2.1:99' : null,
      );
      return monitor.status;
    };
    expect(await status({})).toBe('INACTIVE');
    expect(await status({}, 5)).toBe('ACTIVE');
    expect(await status({}, 61)).toBe('INACTIVE');
    expect(await status({ ackOption: 'explicit' })).toBe('SUSPENDED');
    expect(await status({ autoReplayOnConnect: true }, 61)).toBe('SUSPENDED');
    expect(await status({ autoReplayOnConnect: true }, 59)).toBe('ACTIVE');
    expect(await status({ transportType: 'polling' })).toBe('ACTIVE');
  });

  test('over HTTP is ACTIVE once its server took something since the last change', async () => {
    const { pool } = service.app.database;
    const { id } = await make(HTTP);
    const set = (columns: string) =>
      pool.query(`UPDATE monitor_progress SET ${columns} WHERE monitor_id = $1`, [id]);
    await set('last_connect = now()');
    expect((await read(id)).status).toBe('CONNECTING');
    await set('last_sent = now(), rate = 2');
    expect(await read(id)).toMatchObject({ status: 'ACTIVE', rate: 2 });
    await set("failing_since = now(), failure = 'It answered 500', last_sent = now() - interval '2 minutes'");
    expect(await read(id)).toMatchObject({ status: 'CONNECTING', statusReason: 'It answered 500', rate: 0 });
  });
});

describe('somebody else’s monitor', () => {
  test('does not exist for members, and is an admin’s to see and change', async () => {
    const theirs = await make({ topic: 'DataPoint', description: 'of the member' }, member);
    const mine = await make({ topic: 'DataPoint', description: 'of the admin' });
    expect(theirs.ownerId).toBe(memberId);
    const paths: [string, string, object?][] = [
      ['GET', ''],
      ['PATCH', '', {}],
      ['DELETE', ''],
      ['GET', '/blocks'],
      ['GET', '/blocks/1'],
      ['POST', '/replay', { from: new Date().toISOString() }],
      ['POST', '/test'],
      ['POST', '/secret'],
    ];
    for (const [method, rest, body] of paths) {
      const options = { headers: member, status: 404, ...(body === undefined ? {} : { body }) };
      await service.call(method, `/api/monitors/${mine.id}${rest}`, options);
      await service.call(method, `/api/monitors/${mine.id}${rest}`, {
        ...options,
        headers: {},
        anonymous: true,
        status: 401,
      });
    }
    const page = await service.call<MonitorPage>('GET', '/api/monitors', { headers: member });
    expect(page).toMatchObject({ items: [{ id: theirs.id }], total: 1 });
    const all = await service.call<MonitorPage>('GET', '/api/monitors?search=of the&sort=id');
    expect(all.items.map(({ id }) => id)).toEqual([theirs.id, mine.id]);
    const changed = await service.call<Monitor>('PATCH', `/api/monitors/${theirs.id}`, {
      body: { formatType: 'xml' },
    });
    expect(changed).toMatchObject({ ownerId: memberId, formatType: 'xml' });
    const { items } = await service.call<{ items: { action: string; actor: string; detail: unknown }[] }>(
      'GET',
      '/api/audit?limit=1',
    );
    expect(items).toMatchObject([
      {
        action: 'monitor.change',
        actor: 'admin@example.org',
        detail: { id: theirs.id, changed: 'formatType' },
      },
    ]);
  });

  test('is told of to its owner and to admins alone', async () => {
    const [admins, members] = [
      await openLive(service, { topics: 'monitors/#' }),
      await openLive(service, { topics: 'monitors/#' }, member),
    ];
    const mine = await make();
    const theirs = await make(undefined, member);
    const [ofMine, ofTheirs] = [`monitors/${mine.id}`, `monitors/${theirs.id}`];
    for (const topic of [ofMine, ofTheirs]) await admins.waitFor(({ data }) => data.topic === topic);
    await members.waitFor(({ data }) => data.topic === ofTheirs);
    // They come in the order of the log.
    expect(members.frames.map(({ data }) => data.topic)).not.toContain(ofMine);
    admins.close();
    members.close();
  });

  test('goes with its owner, and whoever hears of monitors hears of that', async () => {
    const leaver = { email: 'leaver@example.org', password: 'leaver leaver', role: 'member' };
    const { id } = await service.call<{ id: string }>('POST', '/api/users', { body: leaver, status: 201 });
    const headers = { cookie: await signIn(service.url, leaver), origin: service.url };
    const made = [await make(undefined, headers), await make(undefined, headers)];
    const heard = made.map((monitor) => hearing(monitor.id));
    await service.call('DELETE', `/api/users/${id}`, { status: 204 });
    await expect.poll(() => heard).toMatchObject([[{ operation: 'DELETION' }], [{ operation: 'DELETION' }]]);
    for (const monitor of made) await service.call('GET', `/api/monitors/${monitor.id}`, { status: 404 });
  });
});

test('monitors are found, in every order, page by page, by status', async () => {
  const made = [];
  for (const [topic, minutes] of [
    ['DeviceCore/list b', 2],
    ['DeviceCore/list a', undefined],
    [`DeviceCore/list ${'🚀'.repeat(60)}`, 1],
    ['DeviceCore/LIST_%', 3],
  ] as const) {
    const monitor = await make({ topic, autoReplayOnConnect: minutes === 2 });
    made.push(monitor);
    if (minutes !== undefined)
      await service.app.database.pool.query(
        'UPDATE monitor_progress SET last_sent = now() - make_interval(mins => $2) WHERE monitor_id = $1',
        [monitor.id, minutes],
      );
  }
  const ids = made.map(({ id }) => id);
  const walk = async (query: string): Promise<number[]> => {
    const found = [];
    for (let cursor = ''; ; ) {
      const page: MonitorPage = await service.call(
        'GET',
        `/api/monitors?search=list&limit=1&${query}${cursor}`,
      );
      found.push(...page.items.map(({ id }) => ids.indexOf(id)));
      if (page.nextCursor === null) return found;
      cursor = `&cursor=${page.nextCursor}`;
    }
  };
  expect(await walk('sort=id')).toEqual([0, 1, 2, 3]);
  expect(await walk('sort=createdAt&order=desc')).toEqual([3, 2, 1, 0]);
  expect(await walk('sort=lastSent')).toEqual([1, 3, 0, 2]);
  expect((await walk('sort=topic')).toSorted()).toEqual([0, 1, 2, 3]);
  expect(await walk('status=SUSPENDED')).toEqual([0]);
  expect(await walk('status=DISABLED')).toEqual([]);
  const search = async (text: string) =>
    (await service.call<MonitorPage>('GET', `/api/monitors?search=${text}`)).items.map(({ id }) => id);
  expect(await search('_%25')).toEqual([ids[3]]);
  expect(await search(String(ids[1]))).toContain(ids[1]);
  for (const query of ['cursor=x', `cursor=${Buffer.from('["\\u0000",1]').toString('base64url')}`, 'sort=x'])
    await service.call('GET', `/api/monitors?${query}`, { status: 400 });
});

test('monitors are counted by transport and status', async () => {
  const { id } = await make({ topic: 'DeviceCore', transportType: 'polling' });
  const figures = async () =>
    (await service.app.metrics.registry.getSingleMetricAsString('polyrelay_monitors')).split('\n');
  const count = async (): Promise<number> =>
    Number(
      (await figures())
        .find((line) => line.includes('transport="polling",status="ACTIVE"'))
        ?.split(' ')
        .at(-1),
    );
  const before = await count();
  expect(before).toBeGreaterThan(0);
  const second = await make({ topic: 'DeviceCore', transportType: 'polling' });
  expect(await count()).toBe(before + 1);
  for (const gone of [id, second.id]) await service.call('DELETE', `/api/monitors/${gone}`, { status: 204 });
});

test.each(['0', '-1', '1.5', 'x', '99999999999', '%00'])('there is no monitor %s', async (id) => {
  await service.call('GET', `/api/monitors/${id}`, { status: 400 });
});
