import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import type { NodeServer, Webhook } from '@polyrelay/contract';
import type { SimulatedWorker } from '@polyrelay/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { connectWorker, registerLocal } from '../../testing/node-servers.js';
import { freePorts } from '../../testing/ports.js';
import { startService, type TestService } from '../../testing/service.js';

/** What the program behind the port does with a request. */
let program: (request: IncomingMessage, response: ServerResponse) => void;
let service: TestService;
let server: Server;
let sockets: WebSocketServer;
let nodeServer: NodeServer;
let url: string;
let worker: SimulatedWorker;

beforeAll(async () => {
  const port = await freePorts(1);
  service = await startService({ INGRESS_PORTS: `${port}-${port}` });
  // Its runtime maps ports; the program is played by this test.
  service.app.nodeServers.runtimes.offer('docker', 'mapped');
  nodeServer = await registerLocal(service, {
    serverJson: { name: 'Hub', type: 'node', executable: 'hub.mjs', ingressRequired: true },
    runtime: 'docker',
    source: { folder: tmpdir() },
    start: false,
  });
  expect(nodeServer.ingress?.port).toBe(port);
  server = createServer((request, response) => program(request, response));
  sockets = new WebSocketServer({ server });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const webhook = await service.call<Webhook>('GET', `/api/node-servers/${nodeServer.id}/webhook`);
  url = service.url + new URL(webhook.url).pathname;
  expect((await fetch(url)).status).toBe(503);
  worker = await connectWorker(service, nodeServer);
});
afterAll(async () => {
  await service.close();
  sockets.close();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  program = (_request, response) => response.end('ok');
});

describe('a node server that listens on its port', () => {
  test('gets requests with method, path, query, headers and body as they were sent', async () => {
    program = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, headers } = request;
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({ method, path: request.url, headers, body: Buffer.concat(chunks).toString('hex') }),
        );
      });
    };
    const answer = await fetch(`${url}/a%20b/?x=1&x=2`, {
      method: 'PUT',
      headers: {
        authorization: 'Basic eDp5',
        cookie: 'polyrelay_session=stolen',
        'x-forwarded-for': '10.0.0.1',
      },
      body: Buffer.from([0xff, 0]),
    });
    const got = (await answer.json()) as { headers: Record<string, string> };
    expect(got).toMatchObject({ method: 'PUT', path: '/a%20b/?x=1&x=2', body: 'ff00' });
    expect(got.headers).toMatchObject({
      authorization: 'Basic eDp5',
      host: new URL(service.url).host,
      'x-forwarded-for': '127.0.0.1',
    });
    expect(got.headers).not.toHaveProperty('cookie');
    const bare = (await (await fetch(`${url}?a=1`)).json()) as { path: string };
    expect(bare.path).toBe('/?a=1');
    expect(await service.call('GET', `/api/node-servers/${nodeServer.id}/webhook`)).toMatchObject({
      takenBy: 'ingress',
    });
  });

  test('answers within the same bounds as a worker', async () => {
    program = (_request, response) => {
      response.writeHead(404, {
        'content-type': 'text/html',
        'set-cookie': 'polyrelay_session=x',
        location: 'https://evil.example',
        'x-own': 'kept',
      });
      response.end('<script>alert(1)</script>');
    };
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('x-own')]).toEqual([404, 'kept']);
    expect(answer.headers.get('content-security-policy')).toMatch(/; sandbox$/);
    expect(answer.headers.has('set-cookie') || answer.headers.has('location')).toBe(false);
  });

  test('streams: the first part arrives before the second is written, and a caller who leaves ends it', async () => {
    let more = (): void => undefined;
    const ended = new Promise((resolve) => {
      program = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: 1\n\n');
        more = () => void response.write('data: 2\n\n');
        response.on('close', resolve);
      };
    });
    const abort = new AbortController();
    const answer = await fetch(url, { signal: abort.signal });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const text = async (): Promise<string> => Buffer.from((await reader.read()).value ?? []).toString();
    expect(await text()).toBe('data: 1\n\n');
    more();
    expect(await text()).toBe('data: 2\n\n');
    abort.abort();
    await ended;
  });

  test('that breaks off before it answers is a problem document', async () => {
    program = (request) => request.socket.destroy();
    const answer = await fetch(url);
    expect([answer.status, await answer.json()]).toEqual([
      503,
      expect.objectContaining({ code: 'ingressNotAnswering' }),
    ]);
  });
});

test('a renewed URL reaches the worker in its `netInfo`', async () => {
  const renewed = await service.call<Webhook>('POST', `/api/node-servers/${nodeServer.id}/webhook`);
  const httpsIngress = `${renewed.url}/ns/${nodeServer.worker}/`;
  await worker.waitForConfig(({ netInfo }) => netInfo.httpsIngress === httpsIngress);
  url = service.url + new URL(renewed.url).pathname;
  expect((await fetch(url)).status).toBe(200);
});

describe('a WebSocket', () => {
  const open = (address: string) =>
    new WebSocket(address.replace('http', 'ws'), ['chat'], { headers: { cookie: 'a=b', 'x-key': '1' } });

  test('goes through in both directions, and ends on both sides', async () => {
    const accepted = once(sockets, 'connection') as Promise<[WebSocket, IncomingMessage]>;
    const caller = open(`${url}/live?room=1`);
    const [inner, request] = await accepted;
    expect(request.url).toBe('/live?room=1');
    expect(request.headers).toMatchObject({ 'x-key': '1' });
    expect(request.headers).not.toHaveProperty('cookie');
    await once(caller, 'open');
    expect(caller.protocol).toBe('chat');
    inner.on('message', (data) => inner.send(`echo ${String(data)}`));
    caller.send('x'.repeat(100_000));
    const [echo] = (await once(caller, 'message')) as [Buffer];
    expect(echo).toHaveLength(100_005);
    const closed = once(inner, 'close');
    caller.terminate();
    await closed;
  });

  test('is refused without the secret, and by a program that takes none', async () => {
    const refused = async (address: string): Promise<number | undefined> => {
      const socket = open(address);
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
      socket.on('error', () => undefined);
      socket.terminate();
      return response.statusCode;
    };
    expect(await refused(`${service.url}/webhooks/${'x'.repeat(32)}`)).toBe(404);
    const listeners = server.listeners('upgrade') as ((...args: unknown[]) => void)[];
    server.removeAllListeners('upgrade');
    try {
      expect(await refused(url)).toBe(503);
    } finally {
      for (const listener of listeners) server.on('upgrade', listener);
    }
  });

  test('that is reset while it is set up ends nothing else', async () => {
    const { port } = new URL(service.url);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `GET ${new URL(url).pathname} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    );
    socket.resetAndDestroy();
    expect((await fetch(url)).status).toBe(200);
  });

  test('ends when the service does', async () => {
    const accepted = once(sockets, 'connection') as Promise<[WebSocket]>;
    const caller = open(url);
    const [inner] = await accepted;
    await once(caller, 'open');
    const ended = Promise.all([once(inner, 'close'), once(caller, 'close')]);
    await service.app.close();
    await ended;
  });
});
