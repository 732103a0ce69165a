import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Controller, NodeServer, Problem } from '@polyrelay/contract';
import { fetchWorkerStart } from '@polyrelay/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, registerLocal } from '../../testing/node-servers.js';
import { signIn, startService, type TestService } from '../../testing/service.js';
import { eventsBelow } from '../../testing/waiting.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const RIGHT = { name: 'Right', type: 'python3', executable: 'run.py' };

const controller = (name: string): Promise<Controller> =>
  service.call<Controller>('POST', '/api/controllers', { body: { name }, status: 201 });

/** Calls of another person, a member who has nothing yet. */
async function newMember(name: string): Promise<{ cookie: string }> {
  const person = { email: `${name}@example.org`, password: 'a long enough password', role: 'member' };
  await service.call('POST', '/api/users', { body: person, status: 201 });
  return { cookie: await signIn(service.url, person) };
}

describe('server.json', () => {
  const wrong: [string, Record<string, unknown>, string, RegExp][] = [
    ['no name', { type: 'node', executable: 'a.js' }, 'name', /./],
    ['no type', { name: 'x', executable: 'a.js' }, 'type', /"python3", "python" or "node"/],
    ['another type', { ...RIGHT, type: 'ruby' }, 'type', /"python3", "python" or "node"/],
    ['no executable', { name: 'x', type: 'node' }, 'executable', /./],
    ['an empty executable', { ...RIGHT, executable: '' }, 'executable', /Name a file/],
    ['an absolute path', { ...RIGHT, executable: '/bin/sh' }, 'executable', /relative path/],
    ['a Windows path', { ...RIGHT, executable: 'C:\\cmd.exe' }, 'executable', /relative path/],
    ['.. in the executable', { ...RIGHT, executable: 'a/../../b' }, 'executable', /must not contain “\.\.”/i],
    ['.. behind a backslash', { ...RIGHT, executable: 'a\\..\\b' }, 'executable', /must not contain “\.\.”/i],
    ['an absolute install script', { ...RIGHT, install_cloud: '/x.sh' }, 'install_cloud', /relative path/],
    ['.. in the install script', { ...RIGHT, install: '../x.sh' }, 'install', /must not contain “\.\.”/i],
    ['a poll of words', { ...RIGHT, shortPoll: 'often' }, 'shortPoll', /./],
    ['a poll of no time', { ...RIGHT, longPoll: 0 }, 'longPoll', /At least 1 second/],
    ['a poll of half a second', { ...RIGHT, shortPoll: 0.5 }, 'shortPoll', /whole seconds/],
    ['a poll of a week', { ...RIGHT, longPoll: '604800' }, 'longPoll', /At most 86400/],
    ['credits that are no list', { ...RIGHT, credits: {} }, 'credits', /./],
  ];

  test.each(wrong)('with %s is refused, and its path is named', async (_what, serverJson, path, message) => {
    const problem = await service.call<Problem>('POST', '/api/node-servers', {
      body: { serverJson, runtime: 'local' },
      status: 400,
    });
    const named = problem.errors?.find((error) => error.path === `serverJson.${path}`);
    expect(named?.message).toMatch(message);
    expect(problem.detail).toContain(`serverJson.${path}`);
    const checked = await service.call<{ valid: boolean; errors: { path: string }[] }>(
      'POST',
      '/api/node-servers/validate',
      { body: { serverJson } },
    );
    expect(checked.valid).toBe(false);
    expect(checked.errors.map((error) => error.path)).toContain(path);
  });

  test('every problem is named, not the first alone', async () => {
    const { errors } = await service.call<Problem>('POST', '/api/node-servers', {
      body: { serverJson: { name: '', type: 'x', executable: '/a', shortPoll: -1 }, runtime: 'local' },
      status: 400,
    });
    expect(errors?.map(({ path }) => path).sort()).toEqual(
      ['executable', 'name', 'shortPoll', 'type'].map((path) => `serverJson.${path}`),
    );
  });

  test('text is checked as it is pasted', async () => {
    const check = (serverJson: unknown) =>
      service.call<{
        valid: boolean;
        errors: { path: string; message: string }[];
        serverJson: object | null;
      }>('POST', '/api/node-servers/validate', { body: { serverJson } });
    expect((await check('{"name": "x",')).errors[0]).toMatchObject({
      path: '',
      message: expect.stringMatching(/^This is not JSON: /),
    });
    for (const noFile of ['[]', '"text"', 'null', 42]) expect((await check(noFile)).valid).toBe(false);
    const file = {
      ...RIGHT,
      shortPoll: '30',
      longPoll: 60,
      credits: [{ version: 1.2 }],
      theirs: { own: [1] },
    };
    // A file that was saved with a byte order mark.
    const answer = await check(`\uFEFF${JSON.stringify(file)}`);
    expect(answer).toEqual({
      valid: true,
      errors: [],
      serverJson: { ...file, shortPoll: 30, credits: [{ version: '1.2' }] },
    });
  });

  test('is registered with what it says', async () => {
    const nodeServer = await registerLocal(service, {
      serverJson: {
        ...RIGHT,
        description: 'Blinds',
        docs: 'https://example.org',
        shortPoll: '7',
        credits: [{ title: 'T', version: 3 }],
        ownKey: true,
      },
      customParams: { city: 'Oslo' },
    });
    expect(nodeServer).toMatchObject({
      name: 'Right',
      language: 'python3',
      version: '3',
      description: 'Blinds',
      docs: 'https://example.org',
      shortPoll: 7,
      longPoll: 600,
      state: 'stopped',
      runtime: 'local',
      customParams: { city: 'Oslo' },
      redirectUri: `http://localhost:${new URL(service.url).port}/api/oauth/callback`,
    });
    expect(nodeServer.worker).toMatch(/^[A-Za-z0-9]{20,}$/);
  });
});

describe('where a program comes from', () => {
  const register = (body: object, status: number, headers: Record<string, string> = {}) =>
    service.call<Problem>('POST', '/api/node-servers', {
      body: { serverJson: RIGHT, ...body },
      status,
      headers,
    });

  test.each([
    ['no source', { runtime: 'process' }, 'source', 'noSource'],
    [
      'a runtime that is not here',
      { runtime: 'docker', source: { folder: '/x' } },
      'runtime',
      'noSuchRuntime',
    ],
    ['http', { source: { git: 'http://example.org/a.git' } }, 'source', 'invalidRequest'],
    ['ssh', { source: { git: 'git@example.org:a.git' } }, 'source', 'invalidRequest'],
    ['an argument for git', { source: { git: '--upload-pack=evil' } }, 'source', 'invalidRequest'],
    [
      'an argument as branch',
      { source: { git: 'https://example.org/a.git', ref: '--upload-pack=evil' } },
      'source',
      'invalidRequest',
    ],
    ['a helper of git', { source: { git: 'ext::sh -c evil' } }, 'source', 'invalidRequest'],
    ['a file of the service', { source: { archive: '../../secret.zip' } }, 'source', 'badUpload'],
    ['somebody’s zip', { source: { archive: 'abc.zip' } }, 'source', 'badUpload'],
  ])('%s is refused', async (_what, body, path, code) => {
    const problem = await register(body, 400);
    expect(problem.code).toBe(code);
    expect(problem.errors?.some((error) => error.path.startsWith(path))).toBe(true);
  });

  test('a folder of the server is for admins', async () => {
    const { cookie } = await newMember('folder');
    const problem = await register({ source: { folder: '/etc' } }, 403, { cookie });
    expect(problem).toMatchObject({ code: 'folderNotAllowed', errors: [{ path: 'source.folder' }] });
  });
});

describe('slots', () => {
  test('the lowest free one is taken; a taken one and the 26th are refused', async () => {
    const { id: controllerId } = await controller('Full');
    const two = await registerLocal(service, { controllerId, slot: 2 });
    expect((await registerLocal(service, { controllerId })).slot).toBe(1);
    expect((await registerLocal(service, { controllerId })).slot).toBe(3);
    const refused = (slot: unknown, status: number) =>
      service.call<Problem>('POST', '/api/node-servers', {
        body: { serverJson: RIGHT, runtime: 'local', controllerId, slot },
        status,
      });
    expect(await refused(2, 409)).toMatchObject({
      code: 'slotTaken',
      errors: [{ path: 'slot' }],
      detail: expect.stringContaining('Slot 2 of “Full” is taken'),
    });
    for (const slot of [0, 26, 1.5, '1']) expect((await refused(slot, 400)).errors?.[0]?.path).toBe('slot');
    // All at once: every one gets its own.
    const rest = await Promise.all(
      Array.from({ length: 22 }, () => registerLocal(service, { controllerId })),
    );
    expect(rest.map(({ slot }) => slot).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 22 }, (_, i) => i + 4),
    );
    expect(await refused(undefined, 409)).toMatchObject({
      code: 'noFreeSlot',
      detail: expect.stringContaining('All 25 slots'),
    });
    const moved = await service.call<Problem>('PATCH', `/api/node-servers/${two.id}`, {
      body: { slot: 25 },
      status: 409,
    });
    expect(moved).toMatchObject({ code: 'slotTaken', errors: [{ path: 'slot' }] });
  });
});

describe('controllers', () => {
  test('“Home” is made once, also by many first calls at once', async () => {
    const { cookie } = await newMember('home');
    const lists = await Promise.all(
      Array.from({ length: 8 }, () =>
        service.call<{ items: Controller[] }>('GET', '/api/controllers', { headers: { cookie } }),
      ),
    );
    const ids = new Set(lists.flatMap(({ items }) => items.map(({ id }) => id)));
    expect(ids.size).toBe(1);
    expect(lists[0]?.items[0]).toMatchObject({
      name: 'Home',
      uuid: expect.stringMatching(/^00:21:b9(:[0-9a-f]{2}){3}$/),
    });
  });

  test('one with node servers is not deleted, an empty one is', async () => {
    const { id } = await controller('Busy');
    const nodeServer = await registerLocal(service, { controllerId: id });
    const problem = await service.call<Problem>('DELETE', `/api/controllers/${id}`, { status: 409 });
    expect(problem).toMatchObject({ code: 'hasNodeServers', detail: expect.stringContaining('Busy') });
    await service.app.database.pool.query('DELETE FROM node_servers WHERE id = $1', [nodeServer.id]);
    await service.call('DELETE', `/api/controllers/${id}`, { status: 204 });
    await service.call('DELETE', `/api/controllers/${id}`, { status: 404 });
  });

  test('an id that is there already, or is none, is refused', async () => {
    const { uuid } = await controller('First');
    const add = (wanted: string, status: number) =>
      service.call<Problem>('POST', '/api/controllers', { body: { name: 'x', uuid: wanted }, status });
    expect(await add(uuid, 409)).toMatchObject({ code: 'uuidTaken', errors: [{ path: 'uuid' }] });
    expect((await add('not a MAC', 400)).errors?.[0]?.path).toBe('uuid');
  });

  test('a worker that starts after its controller got another id is heard', async () => {
    const { id } = await controller('Renamed');
    const nodeServer = await registerLocal(service, { controllerId: id });
    const before = await connectWorker(service, nodeServer);
    await before.stop();
    const uuid = '00:21:b9:aa:bb:cc';
    await service.call('PATCH', `/api/controllers/${id}`, { body: { uuid, name: 'New name' } });
    const { pgUrl, controllerName } = await service.call<NodeServer>(
      'GET',
      `/api/node-servers/${nodeServer.id}`,
    );
    expect(controllerName).toBe('New name');
    const after = await connectWorker(service, { id: nodeServer.id, pgUrl });
    expect((await after.config()).id).toBe(uuid);
    await after.stop();
  });

  test('are seen by their owner alone', async () => {
    const { id } = await controller('Mine');
    const { cookie } = await newMember('stranger');
    const headers = { cookie };
    await service.call('PATCH', `/api/controllers/${id}`, { body: { name: 'x' }, status: 404, headers });
    await service.call('DELETE', `/api/controllers/${id}`, { status: 404, headers });
    await service.call('POST', '/api/node-servers', {
      body: { serverJson: RIGHT, runtime: 'local', controllerId: id },
      status: 404,
      headers,
    });
  });
});

describe('changes', () => {
  const OAUTH = { url: 'https://p.example.org/auth?state=', clientId: 'c', clientSecret: 'kept secret' };

  test('name, slot and provider; an empty client secret keeps the one that is stored', async () => {
    const { id: controllerId } = await controller('Changes');
    const { id } = await registerLocal(service, { controllerId, oauth: OAUTH });
    const path = `/api/node-servers/${id}`;
    const change = (body: object) => service.call<NodeServer>('PATCH', path, { body });
    const seen = await eventsBelow(service, id, () => change({ name: 'Other', slot: 9, development: true }));
    expect(seen).toEqual([]);
    const changed = await service.call<NodeServer>('GET', path);
    expect(changed).toMatchObject({ name: 'Other', slot: 9, development: true });
    const stored = async () =>
      (await fetchWorkerStart((await service.call<NodeServer>('GET', path)).pgUrl)).nodeServer.oauth;
    await change({ oauth: { ...OAUTH, clientId: 'other', clientSecret: '' } });
    expect(await stored()).toMatchObject({ ...OAUTH, clientId: 'other' });
    await change({ oauth: { ...OAUTH, clientSecret: 'new' } });
    // Published node servers look the client up by stage.
    const client = { clientId: 'c', secret: 'new', redirectUrl: changed.redirectUri };
    expect(await stored()).toEqual({ ...OAUTH, clientSecret: 'new', prod: client, test: client });
    expect((await change({ oauth: null })).oauth).toBeNull();
    expect(await stored()).toEqual({});
  });

  test.each([
    ['a provider URL without state', { oauth: { ...OAUTH, url: 'https://p.example.org/auth' } }, 'oauth.url'],
    ['a provider that is no web address', { oauth: { ...OAUTH, url: 'javascript:x?state=' } }, 'oauth.url'],
    ['an empty name', { name: ' ' }, 'name'],
    ['a runtime without a program', { runtime: 'process' }, 'runtime'],
    ['a runtime that is not here', { runtime: 'docker' }, 'runtime'],
  ])('%s is refused', async (_what, body, path) => {
    const { id: controllerId } = await controller('Refused');
    const { id } = await registerLocal(service, { controllerId });
    const problem = await service.call<Problem>('PATCH', `/api/node-servers/${id}`, { body, status: 400 });
    expect(problem.errors?.[0]?.path).toBe(path);
  });

  test('a running worker is sent its new record', async () => {
    const { id: controllerId } = await controller('Running');
    const nodeServer = await registerLocal(service, { controllerId });
    const worker = await connectWorker(service, nodeServer);
    const from = worker.mark();
    await service.call('PATCH', `/api/node-servers/${nodeServer.id}`, { body: { name: 'Called so now' } });
    await worker.waitForConfig(({ name }) => name === 'Called so now', undefined, from);
    await worker.stop();
  });
});

test('node servers are listed in pages, each person’s own', async () => {
  const { cookie } = await newMember('pages');
  const headers = { cookie };
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names)
    await service.call('POST', '/api/node-servers', {
      body: { serverJson: { ...RIGHT, name }, runtime: 'local' },
      status: 201,
      headers,
    });
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`;
    const page: { items: NodeServer[]; nextCursor: string | null } = await service.call(
      'GET',
      `/api/node-servers?limit=2${query}`,
      { headers },
    );
    expect(page.items.length).toBeLessThanOrEqual(2);
    found.push(...page.items.map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(found).toEqual(names);
});

describe('validate by URL', () => {
  let site: Server;
  let base: string;
  let open: TestService;
  const pages: Record<string, { status?: number; headers?: Record<string, string>; body?: string }> = {
    '/server.json': { body: JSON.stringify(RIGHT) },
    '/moved': { status: 302, headers: { location: '/server.json' } },
    '/loop': { status: 302, headers: { location: '/loop' } },
    '/page': { body: '<!doctype html>' },
    '/long': { body: `{"a":"${'x'.repeat(300_000)}"}` },
    '/missing': { status: 404 },
  };

  beforeAll(async () => {
    site = createServer((request, response) => {
      const { status = 200, headers = {}, body = '' } = pages[request.url ?? ''] ?? {};
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    open = await startService({ ALLOW_PRIVATE_URLS: 'true' });
  });
  afterAll(async () => {
    await open.close();
    site.closeAllConnections();
    await new Promise<void>((resolve) => site.close(() => resolve()));
  });

  const check = (url: string, status = 200, from = open) =>
    from.call<{
      valid: boolean;
      errors: { message: string }[];
      serverJson: unknown;
      detail: string;
      code: string;
    }>('POST', '/api/node-servers/validate', { body: { url }, status });

  test('takes the file from there, also through a redirect', async () => {
    expect(await check(`${base}/server.json`)).toEqual({ valid: true, errors: [], serverJson: RIGHT });
    expect((await check(`${base}/moved`)).valid).toBe(true);
    expect((await check(`${base}/page`)).errors[0]?.message).toMatch(/^This is not JSON/);
  });

  test.each([
    ['/long', /longer than 256 KiB/],
    ['/loop', /redirects too often/],
    ['/missing', /answered 404/],
  ])('%s says why it was not taken', async (path, why) => {
    const problem = await check(base + path, 400);
    expect(problem).toMatchObject({ code: 'notFetched', detail: expect.stringMatching(why) });
  });

  test.each(['file:///etc/passwd', 'ftp://example.org/a', 'not a url', 'javascript:alert(1)'])(
    '%s is no address',
    async (url) => {
      expect((await check(url, 400)).detail).toContain('http:// or https://');
    },
  );

  test('private addresses are refused, whatever they are written like', async () => {
    const { port } = site.address() as AddressInfo;
    const addresses = [
      `${base}/server.json`,
      `http://localhost:${port}/server.json`,
      `http://[::1]:${port}/server.json`,
      `http://[::ffff:127.0.0.1]:${port}/server.json`,
      `http://2130706433:${port}/server.json`,
      `http://0x7f.1:${port}/server.json`,
      `http://0.0.0.0:${port}/server.json`,
      'http://10.0.0.1/',
      'http://192.168.1.1/',
      'http://169.254.169.254/latest/meta-data',
    ];
    for (const url of addresses) {
      const problem = await check(url, 400, service);
      expect(problem.code, url).toBe('notFetched');
      expect(problem.detail, url).not.toContain('Right');
    }
  });
});
