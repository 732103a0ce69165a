import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testAuthority } from '@polyrelay/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildWorker } from '../build.mjs';

let root: string;
let command: string;
const servers: Server[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pr-cli-'));
  command = join(root, 'polyrelay-worker.mjs');
  await buildWorker(command);
});
afterAll(async () => {
  for (const server of servers) server.close();
  await rm(root, { recursive: true });
});

/** A folder of its own below `root`. */
async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(root, 'folder-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const GOOD = { 'server.json': '{"name":"A","type":"node","executable":"a.mjs"}', 'a.mjs': '' };

/** Runs the command to its end. @returns what it said of its own, and its code */
async function run(args: string[], files: Record<string, string> = GOOD, env: NodeJS.ProcessEnv = {}) {
  const cwd = await folderWith(files);
  const child = spawn(process.execPath, [command, ...args], { cwd, env: { PATH: process.env.PATH, ...env } });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const [code] = (await once(child, 'close')) as [number];
  return { code, said, cwd };
}

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const answering = async (listener: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listening(createServer(listener))}/api/sys/nsgetioturl?params=x`;

test('help and version', async () => {
  expect((await run(['--help'])).said).toContain("npx polyrelay-worker '<PGURL>'");
  expect(await run(['--version'])).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});

test.each([
  ['no PGURL', [], /Give the PGURL: npx polyrelay-worker '<PGURL>'/],
  [
    'an unknown option',
    ['--wach', 'http://x'],
    /Unknown option '--wach'\. “polyrelay-worker --help” lists the options/,
  ],
  ['two PGURLs', ['http://x', 'http://y'], /Only one PGURL/],
  ['no URL', ['relay.example.org'], /“relay\.example\.org” is not a PGURL\. Copy the PGURL whole/],
])('a command line with %s', async (_name, args, message) => {
  const { code, said } = await run(args);
  expect(code).toBe(1);
  expect(said).toMatch(message);
  expect(said).toMatch(/^\[polyrelay\] /);
});

test('a service that is not there', async () => {
  const server = createServer();
  const port = await listening(server);
  server.close();
  const { code, said } = await run([`http://127.0.0.1:${port}/x`]);
  expect(code).toBe(1);
  expect(said).toContain(`No answer from http://127.0.0.1:${port} (ECONNREFUSED): is the service running`);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['is not there', {}, /There is no server\.json in \/.*\. Go to the folder of the node server first/],
  ['is not JSON', { 'server.json': '{"name":' }, /\/server\.json is not JSON: /],
  [
    'has wrong fields',
    { 'server.json': '{"name":"A","type":"ruby","executable":"../a"}' },
    /server\.json cannot be used:\n\[polyrelay\] {3}type: Must be "python3", "python" or "node".*\n\[polyrelay\] {3}executable: Must not contain “\.\.”/,
  ],
  [
    'names no program of the folder',
    { 'server.json': GOOD['server.json'] },
    /executable: “a\.mjs” is not in the folder/,
  ],
])('a server.json that %s', async (_name, files, message) => {
  const { code, said } = await run(['http://127.0.0.1:1/x'], files);
  expect(code).toBe(1);
  expect(said).toMatch(message);
});

test.each<[string, RequestListener, RegExp]>([
  [
    'is refused',
    (_, response) => response.writeHead(403).end('{"detail":"This PGURL is not valid: it was deleted."}'),
    /This PGURL is not valid: it was deleted\./,
  ],
  [
    'is not JSON',
    (_, response) => response.end('<html>Sign in</html>'),
    /did not answer with JSON: is Polyrelay there/,
  ],
  [
    'lacks something',
    (_, response) => response.end('{"nodeServer":{},"stage":"prod"}'),
    /lacks iotHost, iotCert, iotPrivateKey, caCert/,
  ],
  ['is an error of the service', (_, response) => response.writeHead(503).end(), /cannot answer now \(503\)/],
])('a PGURL whose answer %s', async (_name, listener, message) => {
  const { code, said, cwd } = await run([await answering(listener)]);
  expect(code).toBe(1);
  expect(said).toMatch(message);
  expect((await readdir(cwd)).sort()).toEqual(['a.mjs', 'server.json']);
});

test('a service behind a CA of one’s own: says which setting makes it known, and takes it', async () => {
  const authority = await testAuthority();
  const { cert, key } = await authority.issue('localhost', { dns: ['localhost'] });
  const port = await listening(
    createTlsServer({ cert, key }, (_, response) => response.writeHead(403).end()),
  );
  const url = `https://localhost:${port}/x`;
  expect((await run([url])).said).toMatch(/a CA that this machine does not know.*NODE_EXTRA_CA_CERTS=/);
  const ca = join(await folderWith({ 'ca.pem': authority.caCert }), 'ca.pem');
  expect((await run([url], GOOD, { NODE_EXTRA_CA_CERTS: ca })).said).toMatch(/PGURL is not valid any more/);
});

test('--install installs what package.json names; without it the user is told', async () => {
  const files = {
    ...GOOD,
    'a.mjs': "import { word } from 'leaf'; console.log(word); process.exit(0);",
    'package.json': '{"type":"module","dependencies":{"leaf":"file:./leaf"}}',
  };
  const unreachable = 'http://127.0.0.1:1/x';
  expect((await run([unreachable], files)).said).toMatch(
    /there is no node_modules: run “npm install”, or add --install/,
  );
  const broken = await run(['--install', unreachable], { ...files, 'package.json': '{"dependencies":' });
  expect(broken.said).toMatch(/package\.json is not JSON/);
  const { said, cwd } = await run(['--install', unreachable], files);
  expect(said).toContain('[polyrelay] npm install');
  expect(await readdir(cwd)).toContain('node_modules');
});
