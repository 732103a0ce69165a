import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isExpired, type NodeServerRecord } from './index.js';
import { OAuth } from './oauth.js';

/** A token endpoint that answers what a test tells it and remembers what it was asked. */
let http: Server;
let tokenEndpoint: string;
let answer: { status: number; body: string };
let asked: { authorization: string | undefined; body: Record<string, string> };

beforeAll(async () => {
  http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    asked = { authorization: request.headers.authorization, body };
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  tokenEndpoint = `http://127.0.0.1:${(http.address() as AddressInfo).port}/token`;
});
afterAll(() => http.closeAllConnections());

const url = 'https://provider.invalid/auth?client_id=c&redirect_uri=https%3A%2F%2Fhome.invalid%2Fcb&state=';
const linked = (oauth: NodeServerRecord['oauth'] = { url, clientId: 'c d', clientSecret: 's&t' }) =>
  new OAuth(() => ({ worker: 'w1', oauth }) as NodeServerRecord);
const reply = (status: number, body: unknown) => {
  answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) };
};

test('the link is the provider’s URL with the worker, safe inside HTML', () => {
  expect(linked().link()).toBe(`${url}w1`);
  expect(linked().redirectUri).toBe('https://home.invalid/cb');
  expect(linked().anchor('Sign <in>')).toBe(
    '<a href="https://provider.invalid/auth?client_id=c&#38;redirect_uri=https%3A%2F%2Fhome.invalid%2Fcb&#38;state=w1">Sign &#60;in&#62;</a>',
  );
  expect(linked({}).configured).toBe(false);
  expect(() => linked({}).link()).toThrow(expect.objectContaining({ code: 'OAUTH_NOT_CONFIGURED' }));
});

test('exchange sends the secret in the body or as HTTP Basic', async () => {
  reply(200, { access_token: 'a', token_type: 'bearer', expires_in: '60', refresh_token: 'r', scope: 'x' });
  const before = Date.now();
  const tokens = await linked().exchange({ tokenEndpoint, code: 'k' });
  expect(tokens).toMatchObject({ accessToken: 'a', tokenType: 'bearer', refreshToken: 'r', scope: 'x' });
  expect(tokens.expiresAt).toBeGreaterThanOrEqual(before + 60_000);
  expect(asked).toEqual({
    authorization: undefined,
    body: {
      grant_type: 'authorization_code',
      code: 'k',
      redirect_uri: 'https://home.invalid/cb',
      client_id: 'c d',
      client_secret: 's&t',
    },
  });

  await linked().exchange({
    tokenEndpoint,
    code: 'k',
    redirectUri: 'x:y',
    authentication: 'basic',
    parameters: { audience: 'z' },
  });
  expect(asked).toEqual({
    authorization: `Basic ${Buffer.from('c+d:s%26t').toString('base64')}`,
    body: { grant_type: 'authorization_code', code: 'k', redirect_uri: 'x:y', audience: 'z' },
  });
});

test('refresh keeps the refresh token unless a newer one came', async () => {
  reply(200, { access_token: 'a2' });
  expect(await linked().refresh({ tokenEndpoint, refreshToken: 'r1' })).toEqual({
    accessToken: 'a2',
    tokenType: 'Bearer',
    refreshToken: 'r1',
  });
  reply(200, { access_token: 'a3', refresh_token: 'r2' });
  expect(await linked().refresh({ tokenEndpoint, refreshToken: 'r1' })).toMatchObject({ refreshToken: 'r2' });
  expect(asked.body).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'r1' });
});

test('what goes wrong has a code, and none of it tells the secret or the code', async () => {
  const attempt = (status: number, body: unknown) => {
    reply(status, body);
    return linked().exchange({ tokenEndpoint, code: 'top-secret-code' });
  };
  const refused = { code: 'OAUTH_REFUSED', error: 'invalid_grant', description: 'used' };
  await expect(attempt(400, { error: 'invalid_grant', error_description: 'used' })).rejects.toMatchObject(
    refused,
  );
  // Some providers answer errors with 200.
  await expect(attempt(200, { error: 'invalid_grant', error_description: 'used' })).rejects.toMatchObject(
    refused,
  );
  for (const [status, body] of [
    [502, '<html>'],
    [200, {}],
    [200, 'null'],
    [200, '"x"'],
  ] as const) {
    const error: unknown = await attempt(status, body).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'OAUTH_BAD_ANSWER' });
    expect(String(error)).not.toMatch(/top-secret-code|s&t/);
  }
  const away = linked().exchange({ tokenEndpoint: 'http://127.0.0.1:1/token', code: 'c' });
  await expect(away).rejects.toMatchObject({ code: 'OAUTH_UNREACHABLE' });
});

test('a token that ends within the margin has ended', () => {
  expect(isExpired({})).toBe(false);
  expect(isExpired({ expiresAt: Date.now() + 60_000 })).toBe(false);
  expect(isExpired({ expiresAt: Date.now() + 20_000 })).toBe(true);
  expect(isExpired({ expiresAt: Date.now() + 20_000 }, 10)).toBe(false);
});
