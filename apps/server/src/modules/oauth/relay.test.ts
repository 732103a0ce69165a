import type { NodeServer, OAuthResult } from '@polyrelay/contract';
import { type DemoProvider, signInAt, startDemoProvider, thermostatFolder } from '@polyrelay/demo';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, nextEvent, registerLocal } from '../../testing/node-servers.js';
import { ADMIN, signIn, startService, type TestService } from '../../testing/service.js';

const CLIENT = { clientId: 'polyrelay', clientSecret: 'a secret of the provider' };

let service: TestService;
let provider: DemoProvider;

beforeAll(async () => {
  service = await startService();
  provider = await startDemoProvider({ ...CLIENT, redirectUris: [`${service.url}/api/oauth/callback`] });
});
afterAll(async () => {
  await service.close();
  await provider.close();
});

const oauth = () => ({ url: provider.authorizationUrl, ...CLIENT });
const register = (): Promise<NodeServer> => registerLocal(service, { oauth: oauth() });
const pathOf = (url: string): string => url.slice(service.url.length);

/** Follows a notice's link as the browser does, up to the provider. */
async function start(id: string, headers: Record<string, string> = {}): Promise<string> {
  const { location } = await service.call<{ location: string }>(
    'GET',
    `/api/oauth/start?nodeServer=${id}&notice=auth`,
    { status: 302, headers },
  );
  return location;
}

async function back(
  path: string,
  options: { anonymous?: boolean; headers?: Record<string, string> } = {},
): Promise<URLSearchParams> {
  const { location } = await service.call<{ location: string }>('GET', path, { status: 303, ...options });
  return new URL(location, service.url).searchParams;
}

const result = (id: string | null): Promise<OAuthResult> =>
  service.call<OAuthResult>('GET', `/api/oauth/results/${id}`);

async function withNotice() {
  const nodeServer = await register();
  const worker = await connectWorker(service, nodeServer);
  const raised = nextEvent(service, `nodeServers/${nodeServer.id}/notices/auth`);
  await worker.signInNotice();
  await raised;
  return { nodeServer, worker };
}

describe('the whole relay', () => {
  test('a worker gets the code that the provider gave for its sign-in, with its worker id as state', async () => {
    const { nodeServer, worker } = await withNotice();
    const location = await start(nodeServer.id);
    expect(location).not.toContain(nodeServer.worker);
    const callback = await signInAt(location);
    const page = await back(pathOf(callback));
    const { message } = await worker.waitFor(({ oauth }) => oauth !== undefined);
    expect(message.oauth).toEqual({
      code: new URL(callback).searchParams.get('code'),
      iss: provider.url,
      state: nodeServer.worker,
    });
    expect(await result(page.get('id'))).toMatchObject({
      outcome: 'delivered',
      provider: new URL(provider.url).host,
    });

    const linked = nextEvent(
      service,
      `nodeServers/${nodeServer.id}/oauth/+`,
      ({ outcome }) => outcome === 'linked',
    );
    await worker.notices({});
    await linked;
    expect(await result(page.get('id'))).toMatchObject({ outcome: 'linked' });
    await worker.stop();
  });

  test('a real worker process signs in, removes its notice and shows values', async () => {
    const nodeServer = await service.call<NodeServer>('POST', '/api/node-servers', {
      body: {
        serverJson: {
          name: 'Demo Climate',
          type: 'node',
          executable: 'thermostat.mjs',
          shortPoll: 1,
          longPoll: 60,
        },
        source: { folder: thermostatFolder() },
        oauth: oauth(),
      },
      status: 201,
    });
    await nextEvent(service, `nodeServers/${nodeServer.id}/notices/+`);
    const notices = await service.call<{ items: { key: string; signInUrl: string }[] }>(
      'GET',
      `/api/node-servers/${nodeServer.id}/notices`,
    );
    expect(notices.items).toHaveLength(1);
    const moving = nextEvent(service, `nodeServers/${nodeServer.id}/nodes/+/drivers/CLITEMP`);
    const { location } = await service.call<{ location: string }>('GET', notices.items[0]?.signInUrl ?? '', {
      status: 302,
    });
    const page = await back(pathOf(await signInAt(location)));
    await moving;
    expect(await result(page.get('id'))).toMatchObject({ outcome: 'linked' });
    const shown = await service.call<NodeServer>('GET', `/api/node-servers/${nodeServer.id}`);
    expect(shown).toMatchObject({ state: 'connected', notices: {}, linkedAt: expect.any(String) });
    expect(Object.keys(shown.nodes).length).toBeGreaterThan(1);
    expect(JSON.stringify(shown)).not.toContain(CLIENT.clientSecret);
  });

  test('a refusal at the provider reaches the worker and the user', async () => {
    const { nodeServer, worker } = await withNotice();
    const page = await back(pathOf(await signInAt(await start(nodeServer.id), { answer: 'deny' })));
    expect((await worker.waitFor(({ oauth }) => oauth !== undefined)).message.oauth).toMatchObject({
      error: 'access_denied',
      state: nodeServer.worker,
    });
    expect(await result(page.get('id'))).toMatchObject({ outcome: 'denied', error: 'access_denied' });
    await worker.stop();
  });

  test('an answer waits for a worker that is away', async () => {
    const { nodeServer, worker } = await withNotice();
    const gone = nextEvent(service, `nodeServers/${nodeServer.id}`, ({ connected }) => connected === false);
    await worker.stop();
    await gone;
    const page = await back(pathOf(await signInAt(await start(nodeServer.id))));
    expect(await result(page.get('id'))).toMatchObject({ outcome: 'waiting' });
    const delivered = nextEvent(
      service,
      `nodeServers/${nodeServer.id}/oauth/+`,
      ({ outcome }) => outcome === 'delivered',
    );
    const again = await connectWorker(service, nodeServer);
    expect((await again.waitFor(({ oauth }) => oauth !== undefined)).message.oauth).toMatchObject({
      state: nodeServer.worker,
    });
    await delivered;
    await again.stop();
  });
});

describe('attacks', () => {
  test('a state is accepted once, however often it is replayed at the same time', async () => {
    const { nodeServer, worker } = await withNotice();
    const state = new URL(await start(nodeServer.id)).searchParams.get('state');
    const pages = await Promise.all(
      Array.from({ length: 200 }, () => back(`/api/oauth/callback?code=c&state=${state}`)),
    );
    expect(pages.filter((page) => page.has('id'))).toHaveLength(1);
    expect(pages.filter((page) => page.get('outcome') === 'used')).toHaveLength(199);
    await worker.config();
    expect(worker.messages.filter(({ message }) => message.oauth !== undefined)).toHaveLength(1);
    await worker.stop();
  });

  test('another browser, a signed-out one and another user cannot finish a sign-in', async () => {
    const { nodeServer, worker } = await withNotice();
    const state = new URL(await start(nodeServer.id)).searchParams.get('state');
    const otherBrowser = await signIn(service.url, ADMIN);
    const mallory = { email: 'mallory@example.org', password: 'mallory mallory', role: 'member' };
    await service.call('POST', '/api/users', { body: mallory, status: 201 });
    const otherUser = await signIn(service.url, mallory);
    const callback = `/api/oauth/callback?code=stolen&state=${state}`;
    expect((await back(callback, { headers: { cookie: otherBrowser } })).get('outcome')).toBe('otherBrowser');
    expect((await back(callback, { anonymous: true })).get('outcome')).toBe('otherBrowser');
    expect((await back(callback, { headers: { cookie: otherUser } })).get('outcome')).toBe('wrongAccount');
    // None of them used it up.
    expect((await back(callback)).get('id')).not.toBeNull();
    await worker.stop();
  });

  test('a bare worker id needs the owner’s approval, and nobody else’s', async () => {
    const { nodeServer, worker } = await withNotice();
    const page = await back(`/api/oauth/callback?code=outside&state=${nodeServer.worker}&extra=1`, {
      anonymous: true,
    });
    const id = page.get('id');
    expect(await result(id)).toMatchObject({ outcome: 'approvalNeeded', nodeServer: { id: nodeServer.id } });
    expect(worker.messages.some(({ message }) => message.oauth !== undefined)).toBe(false);
    await service.call('POST', '/api/oauth/approve', { body: { id }, anonymous: true, status: 401 });
    await service.call('POST', '/api/oauth/approve', { body: { id } });
    const { message } = await worker.waitFor(({ oauth }) => oauth !== undefined);
    expect(message.oauth).toEqual({ code: 'outside', extra: '1', state: nodeServer.worker });
    await service.call('POST', '/api/oauth/approve', { body: { id }, status: 410 });
    await worker.stop();
  });

  test('an answer from another issuer, or to another slot’s redirect URI, does not reach the worker', async () => {
    const { nodeServer, worker } = await withNotice();
    const first = new URL(await start(nodeServer.id)).searchParams.get('state');
    const wrongIssuer = await back(
      `/api/oauth/callback?code=c&state=${first}&iss=https%3A%2F%2Fevil.example.org`,
    );
    expect(await result(wrongIssuer.get('id'))).toMatchObject({ outcome: 'failed', error: 'mix_up' });
    const second = new URL(await start(nodeServer.id)).searchParams.get('state');
    const otherSlot = nodeServer.slot === 25 ? 24 : nodeServer.slot + 1;
    const wrongSlot = await back(`/api/oauth/callback/${otherSlot}?code=c&state=${second}`);
    expect(await result(wrongSlot.get('id'))).toMatchObject({ outcome: 'failed', error: 'mix_up' });
    await worker.config();
    for (const { message } of worker.messages) expect(message.oauth?.code).toBeUndefined();
    await worker.stop();
  });

  test('a notice that leads to another provider is refused', async () => {
    const { nodeServer, worker } = await withNotice();
    const raised = nextEvent(service, `nodeServers/${nodeServer.id}/notices/auth`);
    await worker.notices({
      auth: `<a href="https://evil.example.org/auth?state=${nodeServer.worker}">here</a>`,
    });
    await raised;
    const problem = await service.call('GET', `/api/oauth/start?nodeServer=${nodeServer.id}&notice=auth`, {
      status: 403,
    });
    expect(problem).toMatchObject({
      code: 'otherProvider',
      detail: expect.stringContaining('evil.example.org'),
    });
    await worker.stop();
  });

  test.each([
    ['neither code nor error', 'state=x', 'malformed'],
    ['no state', 'code=x', 'malformed'],
    ['two states', 'code=x&state=a&state=b', 'malformed'],
    ['a state nobody made', 'code=x&state=made-up', 'unknown'],
  ])('a callback with %s says so', async (_what, query, outcome) => {
    expect((await back(`/api/oauth/callback?${query}`)).get('outcome')).toBe(outcome);
  });
});

test('the code is in no table and no log of the service', async () => {
  const { nodeServer, worker } = await withNotice();
  const state = new URL(await start(nodeServer.id)).searchParams.get('state');
  const canary = 'canary-code-7f3a';
  await back(`/api/oauth/callback?code=${canary}&state=${state}`);
  await worker.waitFor(({ oauth }) => oauth?.code === canary);
  const { pool } = service.app.database;
  const { rows } = await pool.query<{ name: string }>(
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  for (const { name } of rows) {
    const found = await pool.query(
      `SELECT 1 FROM ${name} t WHERE t::text LIKE '%${canary}%' OR t::text LIKE '%' || encode('${canary}', 'hex') || '%'`,
    );
    expect(found.rowCount, name).toBe(0);
  }
  const log = await service.call<{ text: string }>('GET', `/api/node-servers/${nodeServer.id}/log`);
  expect(log.text).not.toContain(canary);
  await worker.stop();
});
