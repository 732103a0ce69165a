import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Health, Problem } from '@polyrelay/contract';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../config.js';
import { core } from '../../core/index.js';
import { newDatabase, startService, type TestService } from '../../testing/service.js';
import { http } from './index.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const json = { 'content-type': 'application/json' };

/** Calls and expects a problem document. */
async function problem(path: string, init: RequestInit = {}): Promise<Problem> {
  const response = await service.fetch(path, init);
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const body = (await response.json()) as Problem;
  expect(body).toMatchObject({ status: response.status, type: `urn:polyrelay:problem:${body.code}` });
  expect(body.title.length * body.detail.length).toBeGreaterThan(0);
  return body;
}

/** What fetch would not send as it is: bytes on the wire, and the answer’s. */
async function raw(text: string): Promise<string> {
  const socket = connect((service.app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(text);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk;
  });
  await once(socket, 'close');
  return answer;
}

describe('every error is a problem document', () => {
  const post = (body: string, headers: Record<string, string> = json) =>
    problem('/api/access-tokens', { method: 'POST', body, headers });

  test('an unknown route, and a known one with another method', async () => {
    expect(await problem('/api/nothing?x=1')).toMatchObject({
      status: 404,
      code: 'noSuchRoute',
      detail: expect.stringContaining('There is no GET /api/nothing.'),
    });
    expect(await problem('/api/health', { method: 'PUT' })).toMatchObject({
      status: 404,
      code: 'noSuchRoute',
    });
    expect(await problem('/nowhere', { method: 'POST' })).toMatchObject({ status: 404, code: 'noSuchRoute' });
  });

  test('a path that cannot be decoded', async () => {
    expect(await problem('/api/%zz')).toMatchObject({ status: 400, code: 'badRequest' });
    expect(await problem(`/api/access-tokens/${'x'.repeat(300)}`)).toMatchObject({ status: 404 });
  });

  test('bad JSON, an empty body, and keys that reach for prototypes', async () => {
    expect(await post('{"name": ')).toMatchObject({ status: 400, code: 'badRequest' });
    expect(await post('')).toMatchObject({ status: 400, code: 'badRequest' });
    expect(await post('{"__proto__": {"admin": true}, "name": "x"}')).toMatchObject({ status: 400 });
  });

  test('too large, and a media type that is not taken', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(5 * 1024 * 1024) });
    expect(await post(large)).toMatchObject({ status: 413, code: 'tooLarge' });
    expect(await post('name=x', { 'content-type': 'text/csv' })).toMatchObject({
      status: 400,
      code: 'unsupportedMediaType',
      detail: expect.stringContaining('Content-Type: application/json'),
    });
  });

  test('wrong values, each with its path', async () => {
    const body = JSON.stringify({ name: '', expiresAt: 'tomorrow' });
    expect(await post(body)).toMatchObject({
      status: 400,
      code: 'invalidRequest',
      errors: [
        { path: 'name', message: expect.stringContaining('Give the token a name') },
        { path: 'expiresAt', message: expect.any(String) },
      ],
    });
    expect(await problem('/api/events?limit=many')).toMatchObject({ errors: [{ path: 'limit' }] });
    expect(await problem('/api/access-tokens/1', { method: 'DELETE' })).toMatchObject({
      errors: [{ path: 'id' }],
    });
  });

  test.each(['{"name":"a\\u0000b"}', '{"name":"\\ud800"}', '{"name":"x","more":[{"\\udc00":1}]}'])(
    'text that cannot be stored: %s',
    async (body) => {
      expect(await post(body)).toMatchObject({ status: 400, code: 'unstorableText' });
    },
  );

  test('a pair of surrogates and a backslash are text like any other', async () => {
    const name = '👩 \\ud800 \\u0000';
    const body = JSON.stringify({ name }).replace('👩', '\\ud83d\\udc69');
    const response = await service.fetch('/api/access-tokens', { method: 'POST', body, headers: json });
    expect([response.status, await response.json()]).toMatchObject([201, { name }]);
  });

  test('nobody signed in', async () => {
    expect(await problem('/api/session', { headers: { cookie: '' } })).toMatchObject({
      status: 401,
      code: 'unauthenticated',
    });
  });

  test('bytes that are no HTTP end that connection alone', async () => {
    expect(await raw('GARBAGE\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect((await service.fetch('/api/health')).status).toBe(200);
  });

  test('an upgrade that nobody serves is refused, also when its sender is gone already', async () => {
    const upgrade = 'GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    expect(await raw(upgrade)).toMatch(/^HTTP\/1.1 404 /);
    for (let i = 0; i < 20; i++) {
      const socket = connect((service.app.server.address() as AddressInfo).port, '127.0.0.1');
      const arrived = once(service.app.server, 'upgrade');
      socket.write(upgrade);
      socket.once('connect', () => setImmediate(() => socket.resetAndDestroy()));
      socket.on('error', () => undefined);
      await Promise.race([arrived, once(socket, 'close')]);
    }
    expect((await service.fetch('/api/health')).status).toBe(200);
  });
});

describe('requests of other sites with the user’s cookie', () => {
  const attempt = async (headers: Record<string, string>, method = 'POST'): Promise<number> => {
    const { origin: _own, ...rest } = { origin: '', ...headers };
    const response = await fetch(`${service.url}/api/access-tokens`, {
      method,
      headers: {
        ...json,
        cookie: await cookie,
        ...rest,
        ...('origin' in headers ? { origin: headers.origin ?? '' } : {}),
      },
      ...(method === 'POST' ? { body: '{"name":"x"}' } : {}),
    });
    return response.status;
  };
  let cookie: Promise<string>;
  beforeAll(() => {
    cookie = service
      .fetch('/api/session', {
        method: 'POST',
        headers: json,
        body: JSON.stringify(service.app.config.admin),
      })
      .then((response) => response.headers.get('set-cookie')?.split(';')[0] ?? '');
  });

  test.each([
    ['the page’s own origin', () => ({ origin: service.url }), 201],
    ['PUBLIC_URL', () => ({ origin: service.app.endpoints.publicUrl() }), 201],
    ['another site', () => ({ origin: 'https://evil.example.org' }), 403],
    ['another port of this host', () => ({ origin: 'http://127.0.0.1:1' }), 403],
    ['a name that begins like this host', () => ({ origin: `${service.url}.evil.example.org` }), 403],
    ['a sandboxed frame', () => ({ origin: 'null' }), 403],
    ['something that is no origin', () => ({ origin: 'x' }), 403],
    ['a program without either header', () => ({}), 201],
    ['a browser that says same-origin', () => ({ 'sec-fetch-site': 'same-origin' }), 201],
    ['a browser that says same-site', () => ({ 'sec-fetch-site': 'same-site' }), 403],
    ['a browser that says cross-site', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
    ['a browser that says none', () => ({ 'sec-fetch-site': 'none' }), 403],
  ] as [string, () => Record<string, string>, number][])('%s', async (_who, headers, status) => {
    expect(await attempt(headers())).toBe(status);
  });

  test('may read: the browser keeps the answer from them', async () => {
    expect(await attempt({ origin: 'https://evil.example.org' }, 'GET')).toBe(200);
    const response = await service.fetch('/api/access-tokens', {
      headers: { origin: 'https://evil.example.org' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('an access token needs no origin; a wrong one does not fall back to the cookie', async () => {
    const { token } = await service.call<{ token: string }>('POST', '/api/access-tokens', {
      body: { name: 'program' },
      status: 201,
    });
    const authorization = `Bearer ${token}`;
    expect(await attempt({ authorization, origin: 'https://elsewhere.example.org' })).toBe(201);
    expect(await attempt({ authorization: 'Bearer wrong', origin: service.url })).toBe(401);
  });

  test('another kind of authorization does not switch the check off', async () => {
    expect(await attempt({ authorization: 'Basic eDp5', origin: 'https://evil.example.org' })).toBe(403);
  });
});

test('every answer carries the security headers, errors and streams too', async () => {
  for (const path of ['/api/health', '/api/nothing', '/api/ca.pem', '/api/live']) {
    const abort = new AbortController();
    const { headers } = await service.fetch(path, { signal: abort.signal });
    expect(headers.get('content-security-policy'), path).toContain("default-src 'self'");
    expect(headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    expect(headers.get('referrer-policy'), path).toBe('no-referrer');
    expect(headers.get('strict-transport-security'), path).toBeNull();
    expect(headers.get('x-powered-by'), path).toBeNull();
    abort.abort();
  }
});

describe('what is there for everybody', () => {
  const open = (path: string) => fetch(service.url + path);

  test('health names every part', async () => {
    const health = (await (await open('/api/health')).json()) as Health;
    expect(health).toMatchObject({
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      database: { status: 'ok' },
      broker: { status: 'ok', detail: expect.stringContaining(String(service.mqttPort)) },
      disk: { status: 'ok' },
      uptimeSeconds: expect.any(Number),
    });
  });

  test('metrics for Prometheus', async () => {
    const response = await open('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/);
    const text = await response.text();
    for (const name of [
      'polyrelay_driver_updates_total',
      'polyrelay_oauth_relays_total',
      'polyrelay_live_connections',
      'polyrelay_process_cpu_seconds_total',
    ])
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });

  test('the CA’s certificate', async () => {
    const response = await open('/api/ca.pem');
    expect(response.headers.get('content-type')).toBe('application/x-pem-file');
    expect(await response.text()).toBe(service.app.authority.caPem);
  });

  test('the API’s description, whole, and its page', async () => {
    const document = (await (await open('/api/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { summary?: string; tags?: string[]; security?: unknown[] }>>;
    };
    expect(document.openapi).toMatch(/^3\./);
    expect(Object.keys(document.paths).length).toBeGreaterThan(20);
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, { summary, tags }] of Object.entries(methods))
        expect([summary, tags], `${method} ${path}`).toEqual([expect.any(String), [expect.any(String)]]);
    const page = await open('/api/docs/');
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
  });

  test('nothing else: every other described call needs a sign-in', async () => {
    const { paths } = (await (await open('/api/openapi.json')).json()) as {
      paths: Record<string, Record<string, { security?: unknown[] }>>;
    };
    const id = '00000000-0000-4000-8000-000000000000';
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { security }] of Object.entries(methods)) {
        // A notice's link: it sends whoever is not signed in to the sign-in page.
        if (security?.length === 0 || path === '/api/oauth/start') continue;
        const response = await fetch(service.url + path.replaceAll(/\{\w+\}/g, id), {
          method: method.toUpperCase(),
          redirect: 'manual',
        });
        expect(response.status, `${method} ${path}`).toBe(401);
      }
    }
  });
});

describe('the dashboard', () => {
  let app: FastifyInstance;
  let folder: string;
  let database: Awaited<ReturnType<typeof newDatabase>>;

  async function serve(dashboardFolder: string): Promise<FastifyInstance> {
    const config = readConfig({
      DATA_DIR: join(folder, 'data'),
      DATABASE_URL: database.url,
      PUBLIC_URL: 'https://relay.example.org',
    });
    const made = Fastify() as unknown as FastifyInstance;
    made.setValidatorCompiler(validatorCompiler);
    made.setSerializerCompiler(serializerCompiler);
    await made.register(core, { config, logger: pino({ level: 'silent' }) });
    await made.register(http, { dashboardFolder });
    await made.ready();
    return made;
  }

  beforeAll(async () => {
    database = await newDatabase();
    folder = await mkdtemp(join(tmpdir(), 'pr-http-'));
    await mkdir(join(folder, 'built', 'assets'), { recursive: true });
    await writeFile(join(folder, 'built', 'index.html'), '<title>Polyrelay</title>');
    await writeFile(join(folder, 'built', 'assets', 'main-abc123.js'), '1');
    await writeFile(join(folder, 'secret.txt'), 'not for everybody');
    app = await serve(join(folder, 'built'));
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  test('answers every page of its own, never kept by the browser', async () => {
    for (const url of ['/', '/index.html', '/setup', '/node-servers/1?tab=log']) {
      const answer = await app.inject({ url });
      expect([answer.statusCode, answer.body, answer.headers['cache-control']]).toEqual([
        200,
        '<title>Polyrelay</title>',
        'no-cache',
      ]);
    }
  });

  test('its files with a hash in their names are kept for ever', async () => {
    const answer = await app.inject({ url: '/assets/main-abc123.js' });
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ]);
  });

  test('does not answer for the API, nor other methods, nor files outside', async () => {
    for (const [method, url] of [
      ['GET', '/api/nothing'],
      ['GET', '/assets/'],
      ['GET', '/assets/of-an-earlier-build.js'],
      ['POST', '/setup'],
    ] as const) {
      const answer = await app.inject({ method, url });
      expect([answer.statusCode, answer.json()]).toMatchObject([404, { code: 'noSuchRoute' }]);
    }
    for (const url of ['/../secret.txt', '/%2e%2e/secret.txt', '/assets/..%2f..%2fsecret.txt'])
      expect((await app.inject({ url })).body).not.toContain('not for everybody');
  });

  test('while it is not built, a page is an unknown route', async () => {
    const bare = await serve(join(folder, 'absent'));
    expect((await bare.inject({ url: '/' })).json()).toMatchObject({ status: 404, code: 'noSuchRoute' });
    await bare.close();
  });

  test('https is remembered where PUBLIC_URL has it', async () => {
    expect((await app.inject({ url: '/' })).headers['strict-transport-security']).toMatch(/max-age=\d+/);
  });
});
