import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoProvider, scriptedBrowser, signInAt, startDemoProvider } from './index.js';

const client = {
  clientId: 'relay',
  clientSecret: 'very secret',
  redirectUris: ['http://127.0.0.1:1/api/oauth/callback'],
};
let provider: DemoProvider;

beforeAll(async () => {
  provider = await startDemoProvider(client);
});
afterAll(() => provider.close());

const token = async (form: Record<string, string>, at = provider) => {
  const body = new URLSearchParams({
    client_id: client.clientId,
    client_secret: client.clientSecret,
    ...form,
  });
  const response = await fetch(at.tokenEndpoint, { method: 'POST', body });
  return { status: response.status, body: (await response.json()) as Record<string, string | number> };
};

const exchange = (callback: string, at = provider) => {
  const code = new URL(callback).searchParams.get('code') ?? '';
  return token({ grant_type: 'authorization_code', code, redirect_uri: client.redirectUris[0] ?? '' }, at);
};

const thermostats = (accessToken: unknown, path = '', init: RequestInit = {}, at = provider) =>
  fetch(`${at.apiUrl}${path}`, { ...init, headers: { authorization: `Bearer ${accessToken}` } });

test('signs in, consents, hands the state through, exchanges the code once, refreshes', async () => {
  const callback = new URL(await signInAt(`${provider.authorizationUrl}worker-1`));
  expect(`${callback.origin}${callback.pathname}`).toBe(client.redirectUris[0]);
  expect(callback.searchParams.get('state')).toBe('worker-1');

  const first = await exchange(callback.href);
  expect(first).toMatchObject({
    status: 200,
    body: { token_type: 'Bearer', expires_in: 60, scope: 'thermostats' },
  });
  const refreshed = await token({
    grant_type: 'refresh_token',
    refresh_token: String(first.body.refresh_token),
  });
  expect(refreshed.status).toBe(200);
  expect(refreshed.body.access_token).not.toBe(first.body.access_token);

  expect((await exchange(callback.href)).body.error).toBe('invalid_grant');
});

test('the resource is there for a token alone, and its values move', async () => {
  const { body } = await exchange(await signInAt(`${provider.authorizationUrl}s`, { user: 'moving' }));
  const read = async () =>
    (await (await thermostats(body.access_token)).json()) as {
      account: string;
      thermostats: { id: string; temperature: number }[];
    };
  const before = await read();
  expect(before.account).toBe('moving');
  expect(before.thermostats).toHaveLength(3);
  expect((await read()).thermostats.map(({ temperature }) => temperature)).not.toEqual(
    before.thermostats.map(({ temperature }) => temperature),
  );

  const patch = (id: string, change: unknown) =>
    thermostats(body.access_token, `/${id}`, { method: 'PATCH', body: JSON.stringify(change) });
  expect(await (await patch('study', { setPoint: 25, mode: 'heat' })).json()).toMatchObject({
    setPoint: 25,
    mode: 'heat',
  });
  expect((await patch('study', { setPoint: 90 })).status).toBe(400);
  expect((await patch('cellar', { setPoint: 20 })).status).toBe(404);

  for (const wrong of ['nonsense', body.refresh_token]) expect((await thermostats(wrong)).status).toBe(401);
});

test('deny answers with access_denied and the state', async () => {
  const callback = new URL(await signInAt(`${provider.authorizationUrl}worker-2`, { answer: 'deny' }));
  expect(callback.searchParams.get('error')).toBe('access_denied');
  expect(callback.searchParams.get('state')).toBe('worker-2');
  expect(callback.searchParams.has('code')).toBe(false);
});

test('a second link in the same browser goes straight to the consent page', async () => {
  const browser = scriptedBrowser(provider.url);
  const page = await browser.open(`${provider.authorizationUrl}a`);
  expect(page.html).toContain('Sign in');
  const empty = await browser.press(page, { user: '  ', action: 'sign-in' });
  expect(empty).toMatchObject({ status: 400 });
  const consent = await browser.press(page, { user: '<b>Ann</b>', action: 'sign-in' });
  expect(consent.html).toContain('Allow');
  expect(consent.html).not.toContain('<b>Ann</b>');
  await browser.press(consent, { action: 'allow' });
  expect((await browser.open(`${provider.authorizationUrl}b`)).html).toContain('Allow access?');
});

test('a foreign redirect URI, a wrong secret and an old page are refused', async () => {
  const foreign = provider.authorizationUrl.replace(
    /redirect_uri=[^&]*/,
    'redirect_uri=https%3A%2F%2Fevil.invalid',
  );
  const page = await scriptedBrowser(provider.url).open(foreign);
  expect(page).toMatchObject({ status: 400 });
  expect(page.leavesTo).toBeUndefined();

  const wrong = await token({ grant_type: 'refresh_token', refresh_token: 'x', client_secret: 'guess' });
  expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  expect((await fetch(`${provider.url}//`)).status).toBe(404);
  const old = await scriptedBrowser(provider.url).open(`${provider.url}/interaction/gone`);
  expect(old).toMatchObject({ status: 400 });
});

test('with a file the tokens outlive a restart, and revokeAll ends them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'demo-provider-'));
  const options = { ...client, file: join(folder, 'provider.json') };
  const one = await startDemoProvider(options);
  const { body } = await exchange(await signInAt(`${one.authorizationUrl}s`), one);
  await one.close();

  const two = await startDemoProvider(options);
  const refresh = () =>
    token({ grant_type: 'refresh_token', refresh_token: String(body.refresh_token) }, two);
  expect((await refresh()).status).toBe(200);
  expect((await thermostats(body.access_token, '', {}, two)).status).toBe(200);
  two.revokeAll();
  expect((await refresh()).body.error).toBe('invalid_grant');
  await two.close();
  rmSync(folder, { recursive: true });
});
