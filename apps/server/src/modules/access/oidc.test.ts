import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuditEntry, Session, SignInMethods, User } from '@polyrelay/contract';
import { scriptedBrowser } from '@polyrelay/demo';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startService, type TestService } from '../../testing/service.js';

/** Where the provider sends browsers back to; the test goes to the service itself from there. */
const PUBLIC_URL = 'http://relay.example.org';

interface Account {
  email?: string;
  email_verified?: boolean;
  name?: string;
}

/** The provider’s accounts by the name that is typed into its page. */
const accounts: Record<string, Account> = {
  mia: { email: 'Mia@example.org', email_verified: true, name: 'Mia' },
  nobody: { email: 'nobody@example.org', email_verified: true },
  thief: { email: 'admin@example.org', email_verified: false },
  bare: {},
  twin: { email: 'mia@example.org', email_verified: true },
  newcomer: { email: 'newcomer@example.org', email_verified: true, name: 'New Comer' },
};

let provider: Server;
let issuer: string;
let service: TestService;
let openHouse: TestService;

beforeAll(async () => {
  provider = createServer();
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const { Provider } = await import('oidc-provider');
  const oidc = new Provider(issuer, {
    clients: [
      {
        client_id: 'polyrelay',
        client_secret: 'a secret of the provider',
        redirect_uris: [`${PUBLIC_URL}/api/session/oidc/callback`],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: async (_context, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...accounts[id] }),
    }),
    cookies: { keys: ['a key for this test'] },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AuthorizationCode: 60, AccessToken: 60, IdToken: 60 },
  });
  provider.on('request', oidc.callback());
  const env = {
    PUBLIC_URL,
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: 'polyrelay',
    OIDC_CLIENT_SECRET: 'a secret of the provider',
    OIDC_NAME: 'House account',
  };
  service = await startService(env);
  openHouse = await startService({ ...env, OIDC_ALLOW_NEW_USERS: 'true' });
  await service.call('POST', '/api/users', {
    body: { email: 'mia@example.org', password: 'password of mia' },
    status: 201,
  });
});
afterAll(async () => {
  await service.close();
  await openHouse.close();
  provider.closeAllConnections();
  await new Promise((resolve) => provider.close(resolve));
});

/** A browser that goes from the button on the sign-in page to the provider. */
async function begin(at: TestService): Promise<{ location: string; cookies: string }> {
  const response = await fetch(`${at.url}/api/session/oidc`, { redirect: 'manual' });
  expect(response.status).toBe(302);
  const cookies = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return { location: response.headers.get('location') ?? '', cookies };
}

/** Signs in at the provider. @returns the path of the callback it sends the browser to */
async function signInAtProvider(location: string, account: string): Promise<string> {
  const browser = scriptedBrowser(issuer);
  const page = await browser.open(location);
  const consent = await browser.press(page, { prompt: 'login', login: account, password: 'any' });
  const { leavesTo } =
    consent.leavesTo === undefined ? await browser.press(consent, { prompt: 'consent' }) : consent;
  expect(leavesTo).toContain(`${PUBLIC_URL}/api/session/oidc/callback?code=`);
  return (leavesTo ?? '').slice(PUBLIC_URL.length);
}

/** Where the service sends the browser in the end, and the session it has then. */
async function finish(at: TestService, path: string, cookies: string) {
  const response = await fetch(at.url + path, { redirect: 'manual', headers: { cookie: cookies } });
  const location = new URL(response.headers.get('location') ?? '', at.url);
  const session = response.headers.getSetCookie().find((line) => line.startsWith('polyrelay_session='));
  const cookie = session?.split(';')[0];
  const who =
    cookie === undefined
      ? undefined
      : ((await (await fetch(`${at.url}/api/session`, { headers: { cookie } })).json()) as Session);
  return { path: location.pathname, error: location.searchParams.get('error'), user: who?.user };
}

async function signIn(at: TestService, account: string) {
  const { location, cookies } = await begin(at);
  return finish(at, await signInAtProvider(location, account), cookies);
}

const users = async (at: TestService): Promise<User[]> =>
  (await at.call<{ items: User[] }>('GET', '/api/users')).items;

test('the sign-in page is told of it', async () => {
  expect(await service.call<SignInMethods>('GET', '/api/session/methods', { anonymous: true })).toEqual({
    password: true,
    oidc: { name: 'House account', url: '/api/session/oidc' },
  });
});

test('a user is known by their verified e-mail address, and from then on by their account', async () => {
  const { location } = await begin(service);
  const query = new URL(location).searchParams;
  expect([query.get('code_challenge_method'), query.get('scope')]).toEqual(['S256', 'openid email profile']);

  const first = await signIn(service, 'mia');
  expect(first).toMatchObject({ path: '/', error: null, user: { email: 'mia@example.org', role: 'member' } });
  Object.assign(accounts.mia ?? {}, { email: 'mia@elsewhere.example.org', email_verified: false });
  expect(await signIn(service, 'mia')).toMatchObject({ path: '/', user: { id: first.user?.id } });
  // Somebody else’s account cannot take the place over, whatever e-mail address it has.
  expect(await signIn(service, 'twin')).toMatchObject({ path: '/sign-in', user: undefined });

  const { items } = await service.call<{ items: AuditEntry[] }>('GET', '/api/audit');
  expect(items.filter(({ action }) => action === 'signIn.oidc')).toHaveLength(2);
});

test('who has no account here stays outside, and is told whom to ask', async () => {
  const before = (await users(service)).length;
  for (const account of ['nobody', 'bare']) {
    expect(await signIn(service, account)).toMatchObject({
      path: '/sign-in',
      error: expect.stringContaining('Ask an admin'),
      user: undefined,
    });
  }
  expect(await users(service)).toHaveLength(before);
});

test('an e-mail address that the provider has not verified opens no account', async () => {
  expect(await signIn(service, 'thief')).toMatchObject({ path: '/sign-in', user: undefined });
  expect(await signIn(openHouse, 'thief')).toMatchObject({ path: '/sign-in', user: undefined });
});

test('another browser, a changed state and a used code end at the sign-in page', async () => {
  const { location, cookies } = await begin(service);
  const callback = await signInAtProvider(location, 'mia');
  expect(await finish(service, callback, '')).toMatchObject({ path: '/sign-in', user: undefined });
  const other = await begin(service);
  expect(await finish(service, callback, other.cookies)).toMatchObject({ path: '/sign-in', user: undefined });
  const changed = callback.replace(/state=[^&]+/, 'state=x');
  expect(await finish(service, changed, cookies)).toMatchObject({ path: '/sign-in', user: undefined });
  expect(
    await finish(service, '/api/session/oidc/callback?error=access_denied&state=x', cookies),
  ).toMatchObject({
    path: '/sign-in',
    error: expect.stringContaining('did not succeed'),
  });
  expect(await finish(service, callback, cookies)).toMatchObject({ path: '/', user: expect.anything() });
  expect(await finish(service, callback, cookies)).toMatchObject({ path: '/sign-in', user: undefined });
});

test('where new users are welcome they become members, once', async () => {
  const first = await signIn(openHouse, 'newcomer');
  expect(first.user).toMatchObject({
    email: 'newcomer@example.org',
    name: 'New Comer',
    role: 'member',
    hasPassword: false,
  });
  expect((await signIn(openHouse, 'newcomer')).user?.id).toBe(first.user?.id);
  expect(await users(openHouse)).toHaveLength(2);
});

test('a provider that is away does not hinder the start', async () => {
  const alone = await startService({ OIDC_ISSUER: 'http://127.0.0.1:1', OIDC_CLIENT_ID: 'polyrelay' });
  expect(await alone.call('GET', '/api/session/methods')).toEqual({ password: true, oidc: null });
  await alone.close();
});
