import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Gate, openGate } from './gate.js';

// A name server that answers as the test says.
vi.mock('node:dns/promises', () => ({ lookup: vi.fn() }));
const answers = (...addresses: string[]): void => {
  vi.mocked(lookup).mockResolvedValueOnce(
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })) as never,
  );
};

let server: Server;
let port: number;
let connections = 0;
beforeAll(async () => {
  server = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined).write('x'.repeat(2 * 1024 * 1024));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => server.close());
beforeEach(() => {
  connections = 0;
  vi.mocked(lookup).mockReset();
});

/** Asks a gate for a way to `to`. @returns the status it answers, and how many bytes came before it closed */
async function passed(gate: Gate, to: string): Promise<{ status: number; bytes: number }> {
  const asked = request({ ...addressOf(gate), method: 'CONNECT', path: to }).end();
  const [response, socket] = (await once(asked, 'connect')) as [{ statusCode: number }, Socket];
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
  if (response.statusCode === 200)
    await once(
      socket.on('error', () => undefined),
      'close',
    );
  return { status: response.statusCode, bytes };
}

const addressOf = (gate: Gate) => {
  const { hostname: host, port: gatePort } = new URL(gate.url);
  return { host, port: Number(gatePort) };
};

const limits = { allowPrivate: false, maxBytes: 1024 * 1024 };

describe('the gate', () => {
  test('connects to the very address it has checked, and asks for it once', async () => {
    answers('127.0.0.1');
    // What a second question would be answered.
    answers('192.0.2.1');
    const gate = await openGate({ host: 'rebinding.example', port, ...limits, allowPrivate: true });
    expect((await passed(gate, `rebinding.example:${port}`)).status).toBe(200);
    expect(lookup).toHaveBeenCalledTimes(1);
    expect(connections).toBe(1);
    gate.close();
  });

  test.each([
    ['a private address', ['127.0.0.1']],
    ['a public and a private one', ['93.184.216.34', '10.0.0.1']],
    ['a private one as IPv6', ['::ffff:127.0.0.1']],
    ['no address', []],
  ])('refuses a name with %s, and says why', async (_what, addresses) => {
    answers(...addresses);
    const gate = await openGate({ host: 'name.example', port, ...limits });
    expect((await passed(gate, `name.example:${port}`)).status).toBe(403);
    expect(gate.refusal()).toMatch(/name\.example is a private address|there is no host name\.example/);
    expect(connections).toBe(0);
    gate.close();
  });

  test('refuses a name that turns private the second time', async () => {
    answers('10.0.0.1');
    const gate = await openGate({ host: 'turning.example', port, ...limits });
    expect((await passed(gate, `turning.example:${port}`)).status).toBe(403);
    answers('127.0.0.1');
    expect((await passed(gate, `turning.example:${port}`)).status).toBe(403);
    expect(connections).toBe(0);
    gate.close();
  });

  test('leads to its host and port alone', async () => {
    const gate = await openGate({ host: 'one.example', port, ...limits, allowPrivate: true });
    for (const to of [
      `two.example:${port}`,
      `127.0.0.1:${port}`,
      'one.example:1',
      'one.example',
      `one.example.:${port}`,
      `one.example:${port}@127.0.0.1:${port}`,
      `ONE.example:${port}`,
    ])
      expect((await passed(gate, to)).status, to).toBe(403);
    expect(lookup).not.toHaveBeenCalled();
    const got = await fetch(gate.url).then(({ status }) => status);
    expect(got).toBe(405);
    gate.close();
  });

  test('ends what is too large, and says so', async () => {
    answers('127.0.0.1');
    const gate = await openGate({ host: 'large.example', port, ...limits, allowPrivate: true });
    const { bytes } = await passed(gate, `large.example:${port}`);
    expect(bytes).toBeLessThanOrEqual(limits.maxBytes);
    expect(gate.refusal()).toBe('it is larger than 1 MiB');
    gate.close();
  });
});
