import https from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { deflateSync } from 'node:zlib';
import { MonitorSettings } from '@polyrelay/contract';
import { testAuthority } from '@polyrelay/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type KeptAgents, keptAgents } from '#core/outgoing-agents.js';
import { HttpReceiver, isSigned } from '../../../testing/http-receiver.js';
import type { Block, MonitorRecord } from '../types.js';
import { type Outcome, sendBlock } from './request.js';

const SECRET = 'a signing secret';
const { signal } = new AbortController();

let receiver: HttpReceiver;
let agents: KeptAgents;
beforeAll(async () => {
  receiver = await HttpReceiver.start();
});
beforeEach(() => {
  receiver.requests.length = 0;
  receiver.answer = () => 200;
  agents = keptAgents(true);
});
afterEach(() => agents.destroy());
afterAll(() => receiver.close());

const monitorOf = (given: Partial<MonitorRecord> = {}): MonitorRecord => ({
  ...MonitorSettings.parse({ topic: 'DeviceCore', transportType: 'http', transportUrl: receiver.url }),
  id: 17,
  ownerId: '8e5a0a1c-0000-4000-8000-000000000000',
  signingSecret: SECRET,
  createdAt: new Date(),
  ...given,
});

const blockOf = (text: string, given: Partial<Block> = {}): Block => ({
  seq: 70_001,
  blockId: 4466,
  count: 1,
  firstPlace: 16,
  lastPlace: 16,
  payload: Buffer.from(text),
  attempts: 0,
  ...given,
});

const sent = (given: Partial<MonitorRecord> = {}, block = blockOf('{"Document":1}')): Promise<Outcome> =>
  sendBlock(monitorOf(given), block, agents, signal);

/** Why it was not delivered. */
async function refusal(given: Partial<MonitorRecord> = {}): Promise<string> {
  const outcome = await sent(given);
  return outcome.delivered ? 'delivered' : outcome.why;
}

describe('a request', () => {
  test('carries the block, says which one it is, and is signed', async () => {
    const transport = { transportMethod: 'POST', transportToken: 'anna:pass:wörd' } as const;
    const block = blockOf('{"Document":1}', { attempts: 2 });
    expect(await sent({ ...transport, transportHeaders: { 'X-Source': 'north' } }, block)).toEqual({
      delivered: true,
    });
    const [request] = receiver.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/events', text: '{"Document":1}' });
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('anna:pass:wörd').toString('base64')}`,
      'content-type': 'application/json',
      'content-length': '14',
      'x-source': 'north',
      'x-polyrelay-monitor': '17',
      'x-polyrelay-block': '70001',
      'x-polyrelay-attempt': '3',
    });
    expect(Math.abs(Date.now() / 1000 - Number(request?.headers['x-polyrelay-timestamp']))).toBeLessThan(5);
    expect(request && isSigned(request, SECRET)).toBe(true);
    expect(request && isSigned(request, 'another')).toBe(false);
  });

  test.each(['None', '', null])('has no Authorization with the token %j', async (transportToken) => {
    await sent({ transportToken });
    expect(receiver.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('says that its body is deflated, and signs what is sent', async () => {
    const text = '<Document>ä</Document>';
    const payload = deflateSync(text);
    await sent({ compression: 'zlib', formatType: 'xml' }, blockOf('', { payload }));
    const [request] = receiver.requests;
    expect(request?.headers['content-encoding']).toBe('deflate');
    expect(request?.headers['content-type']).toBe('text/xml; charset=utf-8');
    expect(request?.text).toBe(text);
    expect(request?.body.equals(payload) && isSigned(request, SECRET)).toBe(true);
  });

  test.each([
    [' {"a":1}', 'application/json'],
    ['[1]', 'application/json'],
    ['<a/>', 'text/xml; charset=utf-8'],
    ['a=1', 'text/plain; charset=utf-8'],
    ['', 'text/plain; charset=utf-8'],
  ])('made by a template, %j is %s, deflated too', async (text, type) => {
    const template = { schemaType: 'handlebars', schemaData: 'x' } as const;
    await sent(template, blockOf(text));
    const payload = deflateSync(text + ' '.repeat(3000) + Math.random());
    await sent({ ...template, compression: 'zlib' }, blockOf('', { payload }));
    const types = receiver.requests.map(({ headers }) => headers['content-type']);
    expect(types[0]).toBe(type);
    if (text !== '') expect(types[1]).toBe(type);
  });

  test('uses the connection of the one before, and a new one when the server closed that', async () => {
    for (let i = 0; i < 3; i++) expect(await sent()).toEqual({ delivered: true });
    expect(new Set(receiver.requests.map(({ from }) => from)).size).toBe(1);
    // The server closes it just as the next request goes out: that is no failure.
    receiver.answer = (_received, number) => {
      if (number === 3) receiver.drop();
      return number === 3 ? undefined : 200;
    };
    expect(await sent()).toEqual({ delivered: true });
    expect(receiver.requests).toHaveLength(5);
  });

  test.each([200, 201, 202, 204, 299])('that is answered %i is delivered', async (status) => {
    receiver.answer = () => status;
    expect(await sent()).toEqual({ delivered: true });
  });

  test('reads little of an answer: the connection of a longer one is cut, and the block is delivered', async () => {
    receiver.answer = () => ({ status: 200, body: 'x'.repeat(1000) });
    await sent();
    receiver.answer = () => ({ status: 200, body: 'x'.repeat(50_000_000) });
    expect(await sent()).toEqual({ delivered: true });
    await sent();
    const [short, long, next] = receiver.requests.map(({ from }) => from);
    expect(long).toBe(short);
    expect(next).not.toBe(long);
  });
});

describe('what fails says why', () => {
  test.each([
    [400, /answered 400: it does not take the block/],
    [401, /answered 401: check transportToken/],
    [404, /answered 404: check the path/],
    [413, /Lower batchSize/],
    [500, /answered 500: look into the log/],
    [304, /answered 304/],
  ])('status %i', async (status, why) => {
    receiver.answer = () => status;
    expect(await refusal()).toMatch(why);
  });

  test.each([301, 302, 303, 307, 308])('a redirect with %i is not followed', async (status) => {
    const headers = { location: 'http://169.254.169.254/secret' };
    receiver.answer = () => ({ status, headers });
    const why = await refusal();
    expect(why).toContain('Redirects are not followed');
    // What a server writes there is not shown.
    expect(why).not.toContain('169.254');
    expect(receiver.requests).toHaveLength(1);
  });

  test('Retry-After of 429 and 503 is told, of others not', async () => {
    const asked = async (status: number, value: string): Promise<number> => {
      receiver.answer = () => ({ status, headers: { 'retry-after': value } });
      const outcome = await sent();
      return outcome.delivered ? -1 : outcome.waitMs;
    };
    expect(await asked(503, '7')).toBe(7000);
    expect(await asked(500, '7')).toBe(0);
    expect(await asked(429, 'soon')).toBe(0);
    const inAMinute = await asked(429, new Date(Date.now() + 60_000).toUTCString());
    expect(inAMinute).toBeGreaterThan(55_000);
    expect(inAMinute).toBeLessThanOrEqual(60_000);
  });

  test('a server that does not answer, within responseTimeout', async () => {
    receiver.answer = () => undefined;
    expect(await refusal({ responseTimeout: 30 })).toMatch(/did not answer within 30 ms \(responseTimeout\)/);
  });

  describe('of connections', () => {
    let silent: Server;
    const at = (protocol: string): string =>
      `${protocol}://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    beforeAll(async () => {
      // Takes connections and says nothing: no TLS handshake ends there.
      silent = createServer((socket) => void socket.on('error', () => undefined));
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => void silent.close());

    test('no TLS within connectTimeout, and none of it counts as an answer', async () => {
      expect(
        await refusal({ transportUrl: at('https'), connectTimeout: 30, responseTimeout: 60_000 }),
      ).toMatch(/No connection to 127.0.0.1:\d+ within 30 ms \(connectTimeout\)/);
    });

    test('who changes to another protocol did not take the block', async () => {
      const switching = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
      });
      await new Promise<void>((resolve) => switching.listen(0, '127.0.0.1', resolve));
      const { port } = switching.address() as AddressInfo;
      expect(await refusal({ transportUrl: `http://127.0.0.1:${port}/` })).toMatch(/answered 101/);
      switching.close();
    });

    test('nobody listens; there is no such host; it speaks no TLS, or no HTTP', async () => {
      const closed = await HttpReceiver.start();
      await closed.close();
      expect(await refusal({ transportUrl: closed.url })).toMatch(/Nothing takes connections at 127/);
      // Longer than a name can be: no name server is asked.
      const nobody = `${'x'.repeat(64)}.invalid`;
      expect(await refusal({ transportUrl: `http://${nobody}/` })).toContain(nobody);
      expect(await refusal({ transportUrl: receiver.url.replace('http:', 'https:') })).toMatch(/speak TLS/);
      silent.once('connection', (socket) => void socket.end('220 mail.example ESMTP\r\n'));
      expect(await refusal({ transportUrl: at('http') })).toMatch(/does not speak HTTP/);
    });
  });

  test('an authority that is not known, and how to trust it; with it the request goes through', async () => {
    const authority = await testAuthority();
    const { cert, key } = await authority.issue('receiver', { ip: ['127.0.0.1'] });
    const secure = await HttpReceiver.start({ cert, key });
    expect(await refusal({ transportUrl: secure.url })).toMatch(/NODE_EXTRA_CA_CERTS=/);
    const { ca } = https.globalAgent.options;
    https.globalAgent.options.ca = authority.caCert;
    agents = keptAgents(true);
    https.globalAgent.options.ca = ca;
    expect(await sent({ transportUrl: secure.url })).toEqual({ delivered: true });
    expect(await sent({ transportUrl: secure.url })).toEqual({ delivered: true });
    expect(new Set(secure.requests.map(({ from }) => from)).size).toBe(1);
    const other = secure.url.replace('127.0.0.1', 'localhost');
    expect(await refusal({ transportUrl: other })).toMatch(/certificate .* is for another name/);
    await secure.close();
  });

  test.each([
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    '169.254.169.254',
    '10.0.0.1',
    '2130706433',
    '0x7f.1',
  ])('%s is not connected to, unless that is allowed', async (host) => {
    agents.destroy();
    agents = keptAgents(false);
    const url = new URL(receiver.url);
    url.hostname = host;
    expect(await refusal({ transportUrl: url.href })).toMatch(/private network.*ALLOW_PRIVATE_URLS=true/);
    url.protocol = 'https:';
    expect(await refusal({ transportUrl: url.href })).toMatch(/private network.*ALLOW_PRIVATE_URLS=true/);
    expect(receiver.requests).toHaveLength(0);
  });
});
