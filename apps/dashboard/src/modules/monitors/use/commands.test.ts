import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { deflateSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { commands, type Place, waysOf } from './commands';

const place: Place = {
  url: 'http://localhost:8080',
  host: 'localhost',
  port: 3200,
  tlsPort: 3211,
  user: "jo'hara@example.org",
  secret: 'a "secret"',
};
const monitor = {
  id: 12,
  topic: 'DataPoint[C],DeviceCore',
  formatType: 'json',
  batchSize: 1,
  batchDuration: 0,
  compression: 'zlib',
  ackOption: 'explicit',
} as const;

test.each(['pushClient', 'idigi', 'history', 'historySince', 'curlHttp'] as const)(
  '%s is a shell script with the token in its place',
  (name) => {
    const script = commands[name](place, monitor);
    expect(execFileSync('sh', ['-n'], { input: script }).toString()).toBe('');
    expect(script).toContain(name === 'idigi' ? '$PASSWORD' : '$ACCESS_TOKEN');
  },
);

test('the client is fetched from the service itself, then told where to connect', () => {
  const shell = `curl() { echo "curl $*"; }; node() { echo "$PUSH_PASSWORD node $*"; }; ACCESS_TOKEN=key`;
  const script = `${shell}\n${commands.pushClient(place, monitor)}`;
  expect(execFileSync('sh', ['-c', script]).toString()).toBe(
    `curl -fsS -O http://localhost:8080/api/push-client.mjs
key node push-client.mjs jo'hara@example.org --url http://localhost:8080 --host localhost --insecure --monitor 12 --explicit
`,
  );
  const tls = commands.pushClient({ ...place, url: 'https://example.org' }, monitor);
  expect(tls).toContain('--port 3211 --ca-from https://example.org/api/ca.pem');
});

test('what needs a port that is closed is not offered', () => {
  const closed = { ...place, port: null };
  expect(commands.pushClient(closed, monitor)).toContain(
    '--port 3211 --ca-from http://localhost:8080/api/ca.pem',
  );
  expect(commands.pushClient({ ...place, url: 'https://example.org', tlsPort: null }, monitor)).toContain(
    '--host localhost --insecure',
  );
  const tcp = { transportType: 'tcp', formatType: 'json', schemaType: null } as const;
  expect(waysOf({ ...tcp, formatType: 'xml' }, place)).toEqual(['pushClient', 'idigi', 'sockets']);
  expect(waysOf({ ...tcp, schemaType: 'handlebars' }, place)).not.toContain('pythonDeviceCloud');
  expect(waysOf(tcp, place)).toEqual(['pushClient', 'pythonDeviceCloud', 'idigi', 'sockets']);
  expect(waysOf(tcp, closed)).toEqual(['pushClient', 'pythonDeviceCloud']);
  expect(waysOf(tcp, { port: 3200, tlsPort: null })).toEqual(['pushClient', 'idigi', 'sockets']);
  expect(waysOf(tcp, { port: null, tlsPort: null })).toEqual([]);
  expect(waysOf({ ...tcp, transportType: 'http' }, closed)).toEqual(['node', 'python', 'curlHttp']);
});

test.each(['pythonDeviceCloud', 'sockets', 'python'] as const)('%s is a Python program', (name) => {
  const check = 'import ast, sys; ast.parse(sys.stdin.read())';
  expect(execFileSync('python3', ['-c', check], { input: commands[name](place, monitor) }).toString()).toBe(
    '',
  );
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test.each([
  ['node', ['--input-type=module', '-e'], 'none'],
  ['node', ['--input-type=module', '-e'], 'zlib'],
  ['python', ['-c'], 'none'],
  ['python', ['-c'], 'zlib'],
] as const)('the %s server takes what is signed, and nothing else', async (name, args, compression) => {
  const port = await freePort();
  const program = name === 'node' ? process.execPath : 'python3';
  const server = spawn(program, [...args, commands[name](place, { ...monitor, compression })], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const text = '{"Document":"ä"}';
    const body = compression === 'zlib' ? deflateSync(text) : Buffer.from(text);
    let printed = '';
    server.stdout.setEncoding('utf8').on('data', (part: string) => {
      printed += part;
    });
    const now = Math.floor(Date.now() / 1000);
    const send = (timestamp: number, signed: Buffer): Promise<number> =>
      fetch(`http://127.0.0.1:${port}/`, {
        method: 'PUT',
        body,
        headers: {
          'x-polyrelay-timestamp': String(timestamp),
          'x-polyrelay-signature': `sha256=${createHmac('sha256', place.secret)
            .update(`${timestamp}.`)
            .update(signed)
            .digest('hex')}`,
        },
      }).then(
        ({ status }) => status,
        // It is not listening yet.
        () => new Promise((resolve) => setImmediate(resolve)).then(() => send(timestamp, signed)),
      );
    expect(await send(now, body)).toBe(204);
    expect(await send(now, Buffer.concat([body, body]))).toBe(403);
    expect(await send(now - 400, body)).toBe(403);
    await vi.waitFor(() => expect(printed).toBe(`${text}\n`));
  } finally {
    server.kill();
  }
});
