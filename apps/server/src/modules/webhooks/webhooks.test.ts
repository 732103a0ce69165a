import type { AuditEntry, NodeServer, Problem, Webhook, WireWebhook } from '@polyrelay/contract';
import { Controller, Logger, NodeServer as Program } from '@polyrelay/node-server';
import type { SimulatedWorker } from '@polyrelay/testkit';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildApp } from '../../app.js';
import { readConfig } from '../../config.js';
import { connectWorker, nextEvent, registerLocal } from '../../testing/node-servers.js';
import { ADMIN, lastingPlace, signIn, startService, type TestService } from '../../testing/service.js';
import { logLine } from '../../testing/waiting.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());
afterEach(() => void vi.useRealTimers());

interface Place {
  nodeServer: NodeServer;
  url: string;
}

const show = (id: string): Promise<Webhook> => service.call('GET', `/api/node-servers/${id}/webhook`);

/** A node server and its URL, as an address of this test's service. */
async function place(): Promise<Place> {
  const nodeServer = await registerLocal(service);
  return { nodeServer, url: own((await show(nodeServer.id)).url) };
}

/** PUBLIC_URL is http://localhost:PORT; node might try ::1 first. */
const own = (url: string): string => service.url + new URL(url).pathname;

/** A connected worker that has said that it takes webhooks, and knows its URL. */
async function taking(given?: Place): Promise<Place & { worker: SimulatedWorker }> {
  const found = given ?? (await place());
  const worker = await connectWorker(service, found.nodeServer);
  await worker.send({ webhooks: true });
  await worker.waitFor(({ webhooks }) => webhooks !== undefined);
  return { ...found, worker };
}

/** The next webhook the worker gets. */
async function next(worker: SimulatedWorker, from: number): Promise<WireWebhook> {
  const { message } = await worker.waitFor(({ webhook }) => webhook !== undefined, undefined, from);
  return message.webhook as WireWebhook;
}

/** Calls, and answers as the worker. */
async function exchange(
  { url, worker }: { url: string; worker: SimulatedWorker },
  path: string,
  init: RequestInit,
  response: object = {},
): Promise<{ webhook: WireWebhook; answer: Response }> {
  const from = worker.mark();
  const called = fetch(url + path, { redirect: 'manual', ...init });
  const webhook = await next(worker, from);
  await worker.send({ webhookResponse: { id: webhook.id, ...response } });
  return { webhook, answer: await called };
}

async function problem(called: Promise<Response>): Promise<Problem> {
  const answer = await called;
  expect(answer.headers.get('content-type')).toContain('problem+json');
  return (await answer.json()) as Problem;
}

describe('a worker that takes webhooks', () => {
  let at: Place & { worker: SimulatedWorker };
  beforeAll(async () => {
    at = await taking();
  });

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])('gets a %s', async (method) => {
    const { webhook, answer } = await exchange(at, '/orders/7', { method }, { status: 204 });
    expect(webhook).toMatchObject({ method, path: '/orders/7', query: {}, body: '' });
    expect(answer.status).toBe(204);
  });

  test('gets path, query with repeated keys, headers and body as they were sent', async () => {
    const { webhook } = await exchange(at, '/a%20b/?x=1&y=2&x=3&z', {
      method: 'POST',
      headers: {
        authorization: 'Bearer of-the-provider',
        'content-type': 'application/json',
        'x-hub-signature-256': 'sha256=00',
        'x-forwarded-for': '198.51.100.9',
        cookie: 'polyrelay_session=stolen',
      },
      body: '{ "grüße": "äöü" }',
    });
    expect(webhook).toMatchObject({
      path: '/a%20b/',
      query: { x: ['1', '3'], y: '2', z: '' },
      body: '{ "grüße": "äöü" }',
      headers: {
        authorization: 'Bearer of-the-provider',
        'content-type': 'application/json',
        'x-hub-signature-256': 'sha256=00',
        'x-forwarded-for': '127.0.0.1',
      },
    });
    expect(webhook.encoding).toBeUndefined();
    for (const gone of ['cookie', 'connection', 'content-length'])
      expect(webhook.headers).not.toHaveProperty(gone);
  });

  test('gets bytes that are no text in base64, and the URL without a path', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0xfe]);
    const { webhook } = await exchange(at, '', { method: 'POST', body: bytes });
    expect(webhook).toMatchObject({ path: '', body: bytes.toString('base64'), encoding: 'base64' });
  });

  test('answers with status, headers and text or bytes', async () => {
    const headers = { 'Content-Type': 'application/json', 'X-Hook-Secret': 'abc', 'X-Count': 3 };
    const text = await exchange(at, '', {}, { status: 418, headers, body: '{"ok":true}' });
    expect(text.answer.status).toBe(418);
    expect(text.answer.headers.get('content-type')).toBe('application/json');
    expect(text.answer.headers.get('x-hook-secret')).toBe('abc');
    expect(text.answer.headers.get('x-count')).toBe('3');
    expect(await text.answer.json()).toEqual({ ok: true });
    const bytes = await exchange(at, '', {}, { body: '/wD+', encoding: 'base64' });
    expect(Buffer.from(await bytes.answer.arrayBuffer())).toEqual(Buffer.from([0xff, 0x00, 0xfe]));
    expect(bytes.answer.headers.get('content-type')).toBe('application/octet-stream');
  });

  test('cannot set cookies, policies or redirects for the dashboard’s origin, nor run script on it', async () => {
    const { answer } = await exchange(
      at,
      '',
      {},
      {
        status: 302,
        headers: {
          'content-type': 'text/html',
          location: 'https://evil.example',
          'set-cookie': 'polyrelay_session=x',
          'content-security-policy': 'default-src *',
          'clear-site-data': '"*"',
          'service-worker-allowed': '/',
          'x-accel-redirect': '/etc/passwd',
          'x-content-type-options': 'off',
          'www-authenticate': 'Basic',
          refresh: '0;url=https://evil.example',
        },
        body: '<script>alert(1)</script>',
      },
    );
    expect(answer.status).toBe(302);
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*; sandbox$/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    for (const name of [
      'location',
      'set-cookie',
      'clear-site-data',
      'service-worker-allowed',
      'x-accel-redirect',
      'www-authenticate',
      'refresh',
    ])
      expect(answer.headers.has(name), name).toBe(false);
  });

  test.each([
    ['a status that is none', { status: 700 }],
    ['a status that only a server sends', { status: 101 }],
    ['a header on two lines', { headers: { 'x-a': 'b\r\nset-cookie: c=d' } }],
    ['a header name that is none', { headers: { 'x a': 'b' } }],
    ['a body that is no text', { body: { a: 1 } }],
    ['a body that is too large', { body: 'x'.repeat(256 * 1024 + 1) }],
  ])('is refused with %s, and the caller is told at once', async (_what, response) => {
    const { answer } = await exchange(at, '', {}, response);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'badWebhookAnswer' });
    await logLine(service, at.nodeServer.id, /^Refused webhookResponse: (status|headers|body)/);
  });

  test('is handed at most 1 MiB', async () => {
    const from = at.worker.mark();
    const tooMuch = fetch(at.url, { method: 'POST', body: Buffer.alloc(1024 * 1024 + 1) });
    expect(await problem(tooMuch)).toMatchObject({ status: 413, code: 'tooLarge' });
    const { webhook } = await exchange(at, '', { method: 'POST', body: 'x'.repeat(1024 * 1024) });
    expect(webhook.body).toHaveLength(1024 * 1024);
    expect(at.worker.messages.slice(from).filter(({ message }) => message.webhook)).toHaveLength(1);
  });

  test('that does not answer within 10 seconds has taken it: 202', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
    const from = at.worker.mark();
    const called = fetch(at.url, { method: 'POST', body: 'x' });
    const { id } = await next(at.worker, from);
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    const answer = await called;
    expect([answer.status, await answer.text()]).toEqual([202, '']);
    await at.worker.send({ webhookResponse: { id } });
    await logLine(service, at.nodeServer.id, /no webhook of this id waits: it came too late/);
  });

  test('cannot answer another node server’s webhook', async () => {
    const other = await taking();
    const from = at.worker.mark();
    const called = fetch(at.url);
    const { id } = await next(at.worker, from);
    await other.worker.send({ webhookResponse: { id, body: 'forged' } });
    await logLine(service, other.nodeServer.id, /is another node server’s/);
    await at.worker.send({ webhookResponse: { id, body: 'true' } });
    expect(await (await called).text()).toBe('true');
    const audit = () => service.call<{ items: AuditEntry[] }>('GET', '/api/audit');
    await expect
      .poll(async () => (await audit()).items)
      .toContainEqual(
        expect.objectContaining({
          actor: `worker ${other.nodeServer.worker}`,
          action: 'message.refused',
          detail: expect.objectContaining({ what: 'webhookResponse' }),
        }),
      );
  });

  test('has at most 50 waiting for it; those whose caller has gone make room', async () => {
    const busy = await taking();
    const abort = new AbortController();
    const from = busy.worker.mark();
    const calls = Array.from({ length: 50 }, () =>
      fetch(busy.url, { signal: abort.signal }).catch(() => undefined),
    );
    const handed = (): number =>
      busy.worker.messages.slice(from).filter(({ message }) => message.webhook).length;
    await busy.worker.waitFor(() => handed() === 50, undefined, from);
    expect(await problem(fetch(busy.url))).toMatchObject({ status: 503, code: 'tooManyWebhooks' });
    abort.abort();
    await Promise.all(calls);
    await expect
      .poll(async () => {
        const answer = await fetch(busy.url, { signal: AbortSignal.timeout(300) }).catch(() => undefined);
        return answer?.status;
      })
      .not.toBe(503);
  });

  test('is counted, and shown to its owner alone', async () => {
    const before = await show(at.nodeServer.id);
    expect(before).toMatchObject({ takenBy: 'worker' });
    const counted = nextEvent(
      service,
      `nodeServers/${at.nodeServer.id}/webhook`,
      ({ method }) => method === 'PUT',
    );
    await exchange(at, '', { method: 'PUT' });
    await counted;
    const after = await show(at.nodeServer.id);
    expect(after.count).toBe(before.count + 1);
    expect(Date.now() - Date.parse(after.lastAt ?? '')).toBeLessThan(30_000);
    await service.call('GET', `/api/node-servers/${at.nodeServer.id}/webhook`, {
      anonymous: true,
      status: 401,
    });
  });
});

describe('who is let in', () => {
  test('a page of any site, with cookies or without; not one of the dashboard itself', async () => {
    const at = await taking();
    const foreign = { origin: 'https://shop.example', cookie: 'a=b', 'sec-fetch-site': 'cross-site' };
    const { answer } = await exchange(at, '', { method: 'POST', headers: foreign, body: 'x' });
    expect(answer.status).toBe(200);
    const script = {
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-dest': 'script',
    };
    expect(await problem(fetch(at.url, { headers: script }))).toMatchObject({ status: 403, code: 'ownPage' });
  });

  test('nobody without the secret: unknown, renewed and deleted ones get the same answer', async () => {
    const at = await taking();
    const unknown = await problem(fetch(`${service.url}/webhooks/${'x'.repeat(32)}`));
    expect(unknown).toMatchObject({ status: 404, code: 'noSuchWebhook' });
    const from = at.worker.mark();
    const renewed = await service.call<Webhook>('POST', `/api/node-servers/${at.nodeServer.id}/webhook`);
    expect(await problem(fetch(at.url))).toEqual(unknown);
    const told = await at.worker.waitFor(({ webhooks }) => webhooks !== undefined, undefined, from);
    expect(told.message.webhooks).toEqual({ url: renewed.url });
    expect((await exchange({ ...at, url: own(renewed.url) }, '', {})).answer.status).toBe(200);
    const { items } = await service.call<{ items: AuditEntry[] }>('GET', '/api/audit');
    expect(items).toContainEqual(expect.objectContaining({ action: 'nodeServer.webhookRenew' }));
    expect(JSON.stringify(items)).not.toContain(renewed.url.slice(-32));
    await service.call('DELETE', `/api/node-servers/${at.nodeServer.id}`, { status: 202 });
    expect(await problem(fetch(own(renewed.url)))).toEqual(unknown);
  });

  test('one address may not try unknown URLs for long, and known ones still work', async () => {
    const own = await startService();
    try {
      const tries = await Promise.all(
        Array.from({ length: 31 }, (_, i) => fetch(`${own.url}/webhooks/${String(i).padStart(32, 'x')}`)),
      );
      expect(tries.map(({ status }) => status).filter((status) => status === 429)).toHaveLength(1);
      const nodeServer = await registerLocal(own);
      const { url } = await own.call<Webhook>('GET', `/api/node-servers/${nodeServer.id}/webhook`);
      expect((await fetch(own.url + new URL(url).pathname)).status).toBe(503);
    } finally {
      await own.close();
    }
  });

  test('the URL is in no log, however much is logged', async () => {
    const { env, remove } = await lastingPlace();
    const lines: string[] = [];
    const [ADMIN_EMAIL, ADMIN_PASSWORD] = [ADMIN.email, ADMIN.password];
    const config = readConfig({
      ...env,
      MQTT_PORT: '0',
      PUSH_PORT: '0',
      PUSH_TLS_PORT: '0',
      ADMIN_EMAIL,
      ADMIN_PASSWORD,
    });
    const app = await buildApp(config, pino({ level: 'trace' }, { write: (line) => void lines.push(line) }));
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const headers = {
      cookie: await signIn(address, ADMIN),
      origin: address,
      'content-type': 'application/json',
    };
    const body = JSON.stringify({
      serverJson: { name: 'Logged', type: 'node', executable: 'x.mjs' },
      runtime: 'local',
    });
    const made = await fetch(`${address}/api/node-servers`, { method: 'POST', headers, body });
    const { id } = (await made.json()) as NodeServer;
    const shown = await fetch(`${address}/api/node-servers/${id}/webhook`, { headers });
    const { pathname } = new URL(((await shown.json()) as Webhook).url);
    const large = { method: 'POST', body: Buffer.alloc(2 * 1024 * 1024) };
    const statuses = [
      (await fetch(address + pathname)).status,
      (await fetch(`${address}${pathname}/x?y=z`, large)).status,
      (await fetch(`${address}${pathname}%zz`)).status,
    ];
    expect(statuses).toEqual([503, 413, 400]);
    app.log.error({ req: { method: 'POST', url: `${pathname}/x?y=z` } }, 'as Fastify logs a request');
    await app.close();
    await remove();
    expect(lines.join('')).toContain('/webhooks/…');
    expect(lines.join('')).not.toContain(pathname.slice(-32));
  });

  test('the secret is stored as a hash and encrypted', async () => {
    const { url, nodeServer } = await place();
    const secret = url.slice(-32);
    expect(secret).toMatch(/^[\w-]{32}$/);
    const row = await service.app.database.prisma.webhook.findUniqueOrThrow({
      where: { nodeServerId: nodeServer.id },
    });
    expect(Buffer.from(row.secret).includes(secret)).toBe(false);
    expect((await show(nodeServer.id)).url).toContain(secret);
  });
});

describe('a worker that does not take them', () => {
  test('is sent none: not connected, or without saying so on this connection', async () => {
    const at = await place();
    expect(await problem(fetch(at.url))).toMatchObject({ status: 503, code: 'workerNotConnected' });
    const { worker } = await taking(at);
    const gone = nextEvent(
      service,
      `nodeServers/${at.nodeServer.id}/webhook`,
      ({ taken }) => taken === false,
    );
    await worker.kill();
    await gone;
    const old = await connectWorker(service, at.nodeServer);
    await old.config();
    expect(await problem(fetch(at.url, { method: 'POST', body: 'x' }))).toMatchObject({
      status: 503,
      code: 'webhooksNotTaken',
    });
    expect(old.messages.some(({ message }) => 'webhook' in message || 'webhooks' in message)).toBe(false);
    expect(await show(at.nodeServer.id)).toMatchObject({ takenBy: 'nobody' });
  });

  test('a greeting takes back what an earlier program on the same connection said', async () => {
    const { url, worker, nodeServer } = await taking();
    const reset = nextEvent(service, `nodeServers/${nodeServer.id}/webhook`, ({ taken }) => taken === false);
    await worker.connected(true);
    await reset;
    expect(await problem(fetch(url))).toMatchObject({ status: 503, code: 'webhooksNotTaken' });
  });
});

describe('a program with the SDK', () => {
  class Door extends Controller {
    static override readonly nodedefId = 'door';
    override readonly drivers = {};
    override readonly commands = {};
  }

  test('takes webhooks with onWebhook, knows its URL, and answers what it returns', async () => {
    const { nodeServer, url } = await place();
    const program = new Program(new Door(), {
      signals: false,
      profile: 'manual',
      log: new Logger('Door', 'off'),
      exit: () => undefined,
    });
    program.onWebhook(async ({ method, path, query, body, json }) => {
      if (path === '/fail') throw new Error('the door is stuck');
      if (path === '/bytes') return body.subarray(1);
      if (path === '/empty') return;
      return { status: 201, headers: { 'x-door': 'open' }, body: { method, query, got: json() } };
    });
    const told = new Promise((resolve) => program.once('webhookUrl', resolve));
    await program.start({
      pgUrl: nodeServer.pgUrl.replace('localhost', '127.0.0.1'),
      host: '127.0.0.1',
      port: service.mqttPort,
    });
    try {
      expect(own(String(await told))).toBe(url);
      expect(program.webhookUrl).toBe(await told);
      const answer = await fetch(`${url}/?a=1`, { method: 'POST', body: '{"open":true}' });
      expect([answer.status, answer.headers.get('x-door')]).toEqual([201, 'open']);
      expect(await answer.json()).toEqual({ method: 'POST', query: { a: '1' }, got: { open: true } });
      const bytes = await fetch(`${url}/bytes`, { method: 'PUT', body: Buffer.from([1, 0xff, 2]) });
      expect(Buffer.from(await bytes.arrayBuffer())).toEqual(Buffer.from([0xff, 2]));
      expect((await fetch(`${url}/empty`)).status).toBe(200);
      expect((await fetch(`${url}/fail`)).status).toBe(500);
    } finally {
      await program.stop();
    }
  });
});
