import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Installed, NodeServer, Problem, StoreItem, StorePage, StoreRefresh } from '@polyrelay/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GitServer, hasGitServer, startGitServer } from '../../testing/git-server.js';
import { type HttpsAnswer, type HttpsServer, startHttpsServer } from '../../testing/https-server.js';
import { TINY_WORKER } from '../../testing/programs.js';
import { lastingPlace, signIn, startService, type TestService } from '../../testing/service.js';
import { logLine, untilGone, untilNodeServer } from '../../testing/waiting.js';
import { type ZipEntry, zip } from '../../testing/zip.js';

const ENTRY = {
  id: 'lamps',
  name: 'Lamps',
  version: '1.0.0',
  author: 'Somebody',
  language: 'node',
  description: 'Lamps of the house.',
  documentation: 'https://example.org/lamps',
  source: { git: 'https://example.org/lamps.git' },
  tags: ['light'],
};

/** A catalogue on a web server that can be changed, and broken. */
interface CatalogueServer {
  url: string;
  entries: object[];
  /** Answered instead of the catalogue. */
  broken: number | string | undefined;
  /** Status of each answer so far. */
  answers: number[];
  close(): Promise<void>;
}

async function catalogueServer(): Promise<CatalogueServer> {
  const server: Server = createServer((request, response) => {
    const { broken, entries } = own;
    const text = typeof broken === 'string' ? broken : JSON.stringify({ name: 'Served', entries });
    const etag = `"${createHash('sha256').update(text).digest('hex')}"`;
    const status =
      typeof broken === 'number' ? broken : request.headers['if-none-match'] === etag ? 304 : 200;
    own.answers.push(status);
    response.writeHead(status, { etag }).end(status === 200 ? text : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own: CatalogueServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/catalogue.json?key=secret`,
    entries: [ENTRY],
    broken: undefined,
    answers: [],
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return own;
}

const refresh = (service: TestService, headers = {}) =>
  service.call<StoreRefresh>('POST', '/api/store/refresh', { headers });
const list = (service: TestService, query = '', headers = {}) =>
  service.call<StorePage>('GET', `/api/store${query}`, { headers });
const idsOf = ({ items }: StorePage) => items.map(({ id }) => id);

/** Headers of somebody who is no admin. */
async function member(service: TestService): Promise<{ cookie: string; origin: string }> {
  const account = { email: 'member@example.org', password: 'long enough for a member' };
  await service.call('POST', '/api/users', { body: { ...account, role: 'member' }, status: 201 });
  return { cookie: await signIn(service.url, account), origin: service.url };
}

describe('the list', () => {
  let folder: string;
  let served: CatalogueServer;
  let service: TestService;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pr-store-'));
    served = await catalogueServer();
    const entries = [
      { ...ENTRY, id: 'zeta', name: 'Zeta', language: 'python3', description: 'Doors' },
      { ...ENTRY, id: 'bad', documentation: 'javascript:alert(1)' },
      { ...ENTRY, id: 'alpha', name: 'Alpha', description: '<b>Heating</b>' },
    ];
    await writeFile(join(folder, 'file.json'), JSON.stringify({ name: 'File', entries }));
    service = await startService({
      ALLOW_PRIVATE_URLS: 'true',
      CATALOGUES: [join(folder, 'file.json'), served.url].join(','),
    });
  });
  afterAll(async () => {
    await service.close();
    await served.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    served.broken = undefined;
    served.entries = [ENTRY];
    await refresh(service);
    served.answers = [];
  });

  test('has the entries of all catalogues by name, searched and paged', async () => {
    const all = await list(service);
    expect(idsOf(all)).toEqual(['alpha', 'lamps', 'zeta']);
    expect(all).toMatchObject({ total: 3, nextCursor: null });
    expect(all.items[1]).toEqual({ ...ENTRY, catalogue: 'Served', copies: [], updateAvailable: false });
    expect(idsOf(await list(service, '?search=light%20HOUSE'))).toEqual(['lamps']);
    expect(idsOf(await list(service, '?search=%3Cb%3E'))).toEqual(['alpha']);
    expect(idsOf(await list(service, '?language=python3'))).toEqual(['zeta']);
    expect(await list(service, '?search=nothing')).toMatchObject({ items: [], total: 0 });
    const first = await list(service, '?limit=2');
    expect(idsOf(first)).toEqual(['alpha', 'lamps']);
    expect(idsOf(await list(service, `?limit=2&cursor=${first.nextCursor}`))).toEqual(['zeta']);
    expect(await service.call<StoreItem>('GET', '/api/store/zeta')).toMatchObject({ catalogue: 'File' });
    await service.call('GET', '/api/store/bad', { status: 404 });
    await service.call('GET', '/api/store/..%2f..', { status: 400 });
    await service.call('GET', '/api/store', { anonymous: true, status: 401 });
  });

  test('an invalid entry is left out and said to admins, without what is secret in the URL', async () => {
    served.entries = [ENTRY, { ...ENTRY, id: 'zeta' }, { ...ENTRY, id: 'x', source: {} }];
    const { problems } = await refresh(service);
    const url = served.url.replace('?key=secret', '');
    expect(problems).toEqual([
      {
        catalogue: join(folder, 'file.json'),
        path: 'entries.1.documentation',
        message: 'Write the https:// address of its documentation',
      },
      { catalogue: url, path: 'entries.2.source', message: expect.stringContaining('Must be {"git"') },
      { catalogue: url, path: 'entries.1.id', message: expect.stringContaining('of another catalogue') },
    ]);
    expect((await list(service)).items.find(({ id }) => id === 'zeta')?.catalogue).toBe('File');
  });

  test('what has not changed is not sent again', async () => {
    await refresh(service);
    expect(served.answers).toEqual([304]);
    served.entries = [{ ...ENTRY, version: '1.1.0' }];
    await refresh(service);
    expect(served.answers).toEqual([304, 200]);
    expect(await service.call<StoreItem>('GET', '/api/store/lamps')).toMatchObject({ version: '1.1.0' });
  });

  test.each<[string, number | string, RegExp]>([
    ['answers with an error', 503, /the server answered 503/],
    ['sends a page', '<html></html>', /it is not JSON/],
    ['sends too much', ' '.repeat(1024 * 1024 + 1), /longer than 1 MiB/],
  ])('a catalogue that %s is the last good one, and that is said', async (_what, broken, why) => {
    const { refreshedAt } = await list(service);
    served.broken = broken;
    const { problems } = await refresh(service);
    expect(problems.find(({ path }) => path === '')?.message).toMatch(why);
    const now = await list(service);
    expect(idsOf(now)).toEqual(['alpha', 'lamps', 'zeta']);
    expect(now.refreshedAt).toBe(refreshedAt);
    served.broken = undefined;
    expect((await refresh(service)).problems.filter(({ path }) => path === '')).toEqual([]);
  });

  test('a member is told which catalogue is missing, not where it lies', async () => {
    const headers = await member(service);
    expect((await list(service, '', headers)).problems).toEqual([]);
    await rm(join(folder, 'file.json'));
    const { problems } = await refresh(service, headers);
    expect(problems).toEqual([{ catalogue: 'file.json', path: '', message: 'the file is missing' }]);
  });
});

test('a catalogue at a private address is refused, and the store is empty but there', async () => {
  const served = await catalogueServer();
  // The setting itself is https only; a redirect or a name may still lead home.
  const service = await startService({ CATALOGUES: served.url.replace('http:', 'https:') });
  const { problems } = await refresh(service);
  expect(problems[0]?.message).toMatch(/private|not allowed/);
  expect(await list(service)).toMatchObject({ items: [], total: 0, refreshedAt: null });
  expect(served.answers).toEqual([]);
  await service.close();
  await served.close();
});

test('without its source the store works from the copy of the last run', async () => {
  const served = await catalogueServer();
  const place = await lastingPlace();
  const env = { ...place.env, CATALOGUES: served.url, ALLOW_PRIVATE_URLS: 'true' };
  const first = await startService(env);
  const { refreshedAt } = await refresh(first);
  await first.close();
  await served.close();
  const second = await startService(env);
  const { problems } = await refresh(second);
  expect(problems).toMatchObject([{ path: '', message: expect.stringContaining('ECONNREFUSED') }]);
  expect(await list(second)).toMatchObject({ total: 1, refreshedAt });
  await second.close();
  await place.remove();
});

test('by default there is the catalogue that comes along', async () => {
  const service = await startService();
  expect((await refresh(service)).problems).toEqual([]);
  expect((await list(service)).total).toBeGreaterThanOrEqual(6);
  await service.close();
});

describe.skipIf(!hasGitServer)('installing (needs git-http-backend)', () => {
  const serverJson = (change = {}) =>
    JSON.stringify({
      name: 'Lamps',
      type: 'node',
      executable: 'main.mjs',
      credits: [{ version: '1.0.0', author: 'Somebody' }],
      ...change,
    });
  let git: GitServer;
  let served: CatalogueServer;
  let service: TestService;

  beforeAll(async () => {
    [git, served] = await Promise.all([startGitServer(), catalogueServer()]);
    await git.commit('lamps', { 'server.json': serverJson(), 'main.mjs': TINY_WORKER }, 'v1.0.0');
    service = await startService({ ALLOW_PRIVATE_URLS: 'true', CATALOGUES: served.url });
  });
  afterAll(async () => {
    await service.close();
    await served.close();
    await git.close();
  });
  beforeEach(() => offer());

  /** What the catalogue holds now. */
  async function offer(change: object = {}): Promise<void> {
    served.entries = [{ ...ENTRY, source: { git: git.url('lamps'), ref: 'v1.0.0' }, ...change }];
    await refresh(service);
  }
  const install = (body: object = {}, headers = {}) =>
    service.call<Installed>('POST', '/api/store/lamps/install', { body, headers, status: 201 });
  const refused = (status: number, body: object = {}) =>
    service.call<Problem>('POST', '/api/store/lamps/install', { body, status });
  const item = (headers = {}) => service.call<StoreItem>('GET', '/api/store/lamps', { headers });
  const remove = (id: string) => service.call('DELETE', `/api/node-servers/${id}`, { status: 202 });

  test('it runs, in the chosen slot, and knows where it came from', async () => {
    const made = await install({ slot: 7, customParams: { room: 'hall' } });
    expect(made).toMatchObject({
      name: 'Lamps',
      slot: 7,
      version: '1.0.0',
      catalogueEntry: 'lamps',
      updateAvailable: null,
      source: { git: git.url('lamps'), ref: 'v1.0.0' },
      customParams: { room: 'hall' },
      warnings: [],
    });
    await untilNodeServer(service, made.id, ({ state }) => state === 'connected');
    expect((await item()).copies).toEqual([
      {
        id: made.id,
        name: 'Lamps',
        controllerId: made.controllerId,
        controllerName: made.controllerName,
        slot: 7,
        version: '1.0.0',
        isUpdatable: false,
      },
    ]);
    // Nothing is left of what was read.
    expect(
      (await readdir(join(service.dataDir, 'store'))).filter((name) => name.startsWith('clone-')),
    ).toEqual([]);
    expect(await refused(409, { slot: 7 })).toMatchObject({ code: 'slotTaken' });
    await remove(made.id);
  });

  test('several copies get slots and names of their own', async () => {
    const [one, two] = [await install({ start: false }), await install({ start: false })];
    const three = await install({ start: false, name: 'Porch' });
    expect([one.name, two.name, three.name]).toEqual(['Lamps', 'Lamps 2', 'Porch']);
    expect(new Set([one.slot, two.slot, three.slot]).size).toBe(3);
    expect((await item()).copies.map(({ name }) => name)).toEqual(['Lamps', 'Lamps 2', 'Porch']);
    expect(one.state).toBe('stopped');
    for (const { id } of [one, two, three]) await remove(id);
    expect((await item()).copies).toEqual([]);
  });

  test('in development mode the user runs it: there is a PGURL, and nothing is started', async () => {
    const made = await install({ development: true });
    expect(made).toMatchObject({ runtime: 'local', development: true, state: 'stopped' });
    expect(made.pgUrl).toMatch(/nsgetioturl\?params=/);
    expect((await fetch(made.pgUrl)).status).toBe(200);
    expect(await refused(400, { development: true, runtime: 'process' })).toMatchObject({
      errors: [{ path: 'runtime', message: expect.stringContaining('run the worker yourself') }],
    });
    await remove(made.id);
  });

  test('what another user has installed is not shown', async () => {
    const headers = await member(service);
    const theirs = await install({ development: true }, headers);
    expect((await item()).copies).toEqual([]);
    expect((await list(service)).items[0]?.copies).toEqual([]);
    expect((await item(headers)).copies).toMatchObject([{ id: theirs.id, name: 'Lamps' }]);
    await remove(theirs.id);
  });

  test('a catalogue that contradicts its server.json is refused, with both values', async () => {
    await offer({ name: 'Lights', language: 'python3' });
    const problem = await refused(409);
    expect(problem).toMatchObject({
      code: 'catalogueMismatch',
      errors: [
        { path: 'name', message: 'name: the catalogue says “Lights”, its server.json says “Lamps”.' },
        { path: 'language', message: 'language: the catalogue says “python3”, its server.json says “node”.' },
      ],
    });
    await git.commit('lamps', { 'server.json': serverJson({ ingressRequired: false }) }, 'v1.0.1');
    await offer({ ingressRequired: true, source: { git: git.url('lamps'), ref: 'v1.0.1' } });
    expect((await refused(409)).errors).toMatchObject([{ path: 'ingressRequired' }]);
    expect((await item()).copies).toEqual([]);
  });

  test('another version is a warning, in the answer and in its log', async () => {
    await offer({ version: '0.9.0' });
    const made = await install({ start: false });
    const text = 'version: the catalogue says “0.9.0”, its server.json says “1.0.0”.';
    expect(made).toMatchObject({ version: '1.0.0', warnings: [text], updateAvailable: null });
    expect((await logLine(service, made.id, /^version: /)).text).toBe(text);
    await remove(made.id);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['no server.json', { 'a.txt': 'x' }, /has no server\.json/],
    ['one that is no JSON', { 'server.json': '{' }, /is not JSON/],
    ['a wrong one', { 'server.json': '{"name":"Lamps"}' }, /has mistakes: type: .*executable/],
    ['a huge one', { 'server.json': `{"name":"${'x'.repeat(300_000)}"}` }, /larger than 256 KiB/],
  ])('a repository with %s is refused', async (what, files, why) => {
    const name = what.replaceAll(/\W/g, '');
    await git.commit(name, files);
    await offer({ source: { git: git.url(name) } });
    expect((await refused(400)).detail).toMatch(why);
  });

  test.each<[string, () => object, RegExp]>([
    ['a repository that is not there', () => ({ git: git.url('none') }), /could not be cloned: .*not found/],
    ['a branch that is not there', () => ({ git: git.url('lamps'), ref: 'none' }), /find remote ref none/],
    ['one behind a redirect', () => ({ git: git.url('moved/lamps') }), /could not be cloned/],
  ])('%s is said', async (_what, source, why) => {
    await offer({ source: source() });
    expect((await refused(400)).detail).toMatch(why);
  });

  test('when the catalogue gets a newer version, the update is shown, live, and goes with it', async () => {
    const made = await install({ start: false });
    const source = { git: git.url('lamps'), ref: 'v1.2.0' };
    const shown = untilNodeServer(service, made.id, ({ updateAvailable }) => updateAvailable !== null);
    await offer({ version: '1.2.0', source });
    expect((await shown).updateAvailable).toEqual({ version: '1.2.0', ref: 'v1.2.0' });
    const { items } = await service.call<{ items: NodeServer[] }>('GET', '/api/node-servers');
    expect(items.find(({ id }) => id === made.id)?.updateAvailable).toEqual({
      version: '1.2.0',
      ref: 'v1.2.0',
    });
    expect(await item()).toMatchObject({ updateAvailable: true, copies: [{ isUpdatable: true }] });
    const events = await service.call<{ items: { payload: object }[] }>(
      'GET',
      `/api/events?topic=nodeServers/${made.id}&limit=5`,
    );
    expect(events.items.map(({ payload }) => payload)).toContainEqual({
      updateAvailable: { version: '1.2.0', ref: 'v1.2.0' },
    });
    const gone = untilNodeServer(service, made.id, ({ updateAvailable }) => updateAvailable === null);
    await offer();
    await gone;
    await remove(made.id);
  });
});

describe('installing a zip', () => {
  let web: HttpsServer;
  let served: CatalogueServer;
  let service: TestService;

  beforeAll(async () => {
    [web, served] = await Promise.all([startHttpsServer(), catalogueServer()]);
    service = await startService({ ALLOW_PRIVATE_URLS: 'true', CATALOGUES: served.url });
  });
  afterAll(async () => {
    await service.close();
    await served.close();
    await web.close();
  });

  const program = (version: string, files: ZipEntry[] = []): Buffer =>
    zip([
      ...files,
      {
        name: 'lamps-main/server.json',
        content: JSON.stringify({
          name: 'Lamps',
          type: 'node',
          executable: 'main.mjs',
          credits: [{ version }],
        }),
      },
      { name: 'lamps-main/main.mjs', content: TINY_WORKER },
    ]);
  /** Puts an answer where the catalogue says that the zip is. */
  async function offer(version: string, answer: HttpsAnswer): Promise<void> {
    web.answers[`/lamps-${version}.zip`] = answer;
    served.entries = [{ ...ENTRY, version, source: { archive: web.url(`/lamps-${version}.zip`) } }];
    await refresh(service);
  }
  const uploads = (): Promise<string[]> => readdir(join(service.dataDir, 'uploads')).catch(() => []);
  const update = (id: string, status = 202) =>
    service.call<Problem>('POST', `/api/node-servers/${id}/update`, { body: {}, status });

  test('it runs, is updated from where its catalogue says, and leaves nothing behind', async () => {
    await offer('1.0.0', program('1.0.0'));
    const made = await service.call<Installed>('POST', '/api/store/lamps/install', { body: {}, status: 201 });
    expect(made).toMatchObject({ version: '1.0.0', catalogueEntry: 'lamps', warnings: [] });
    const [first = ''] = await uploads();
    expect(made.source).toEqual({ archive: first });
    await untilNodeServer(service, made.id, ({ state }) => state === 'connected');

    await offer('1.1.0', program('1.1.0'));
    const shown = await service.call<NodeServer>('GET', `/api/node-servers/${made.id}`);
    expect(shown.updateAvailable).toEqual({ version: '1.1.0', ref: null });
    await update(made.id);
    const second = await untilNodeServer(
      service,
      made.id,
      ({ installation, state }) =>
        installation?.kind === 'update' && installation.state === 'done' && state === 'connected',
    );
    expect(second).toMatchObject({ version: '1.1.0', previous: { version: '1.0.0' }, updateAvailable: null });
    expect(await uploads()).toHaveLength(2);

    // One that is no program, and one that cannot be had, change nothing.
    await offer('1.2.0', zip([{ name: 'server.json', content: '{}' }]));
    expect((await update(made.id, 400)).detail).toMatch(/has mistakes/);
    await offer('1.3.0', 503);
    expect((await update(made.id, 400)).detail).toMatch(/the server answered 503/);
    expect(await uploads()).toHaveLength(2);

    // What is before the last is not kept.
    await offer('1.4.0', program('1.4.0'));
    await update(made.id);
    await untilNodeServer(
      service,
      made.id,
      ({ version, state }) => version === '1.4.0' && state === 'connected',
    );
    expect(await uploads()).toHaveLength(2);
    expect(await uploads()).not.toContain(first);
    await service.call('DELETE', `/api/node-servers/${made.id}`, { status: 202 });
    await untilGone(service, made.id);
    expect(await uploads()).toEqual([]);
  }, 120_000);

  test.each<[string, HttpsAnswer, number, RegExp]>([
    ['is not there', 404, 400, /could not be fetched: the server answered 404/],
    ['is a page', Buffer.from('<html></html>'), 400, /not a zip archive/],
    ['has no server.json', zip([{ name: 'a.txt' }]), 400, /has no server\.json/],
    [
      'has a huge one',
      zip([{ name: 'server.json', content: `{"name":"${'x'.repeat(300_000)}"}` }]),
      400,
      /larger than 256 KiB/,
    ],
    [
      'has a link in its place',
      zip([{ name: 'server.json', content: '/etc/passwd', mode: 0o120777 }]),
      400,
      /is a link/,
    ],
    ['leads out', program('1.0.0', [{ name: '../evil' }]), 400, /\.\.\/evil/],
    [
      'is another program',
      zip([{ name: 'server.json', content: '{"name":"X","type":"node","executable":"x"}' }]),
      409,
      /“Lamps”, its server\.json says “X”/,
    ],
  ])('one that %s is refused, and nothing is kept of it', async (_what, answer, status, why) => {
    const before = await uploads();
    await offer('1.0.0', answer);
    const { detail } = await service.call<Problem>('POST', '/api/store/lamps/install', { body: {}, status });
    expect(detail).toMatch(why);
    expect(await uploads()).toEqual(before);
  });
});
