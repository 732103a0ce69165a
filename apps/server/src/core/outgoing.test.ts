import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpsServer, startHttpsServer } from '../testing/https-server.js';
import { download } from './outgoing.js';

const MIB = 1024 * 1024;

let folder: string;
let server: HttpsServer;
/** Must never be asked. */
let plain: Server;
let asked = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pr-download-'));
  server = await startHttpsServer();
  plain = createServer((_request, response) => {
    asked += 1;
    response.end('plain');
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  server.answers['/file'] = Buffer.alloc(MIB, 'a');
  server.answers['/moved'] = { location: '/file' };
  server.answers['/circle'] = { location: '/circle' };
  server.answers['/plain'] = { location: plainUrl() };
});
afterAll(async () => {
  await server.close();
  await new Promise((resolve) => plain.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

const plainUrl = (): string => `http://127.0.0.1:${(plain.address() as AddressInfo).port}/`;

const get = (
  url: string,
  options: { maxBytes?: number; allowPrivate?: boolean; signal?: AbortSignal } = {},
) => download(url, join(folder, 'file'), { maxBytes: MIB, allowPrivate: true, ...options });

test('a file is written as it comes, also from behind a redirect', async () => {
  await get(server.url('/moved'));
  expect((await readFile(join(folder, 'file'))).equals(Buffer.alloc(MIB, 'a'))).toBe(true);
  await rm(join(folder, 'file'));
});

test.each<[string, () => Promise<void>, RegExp]>([
  [
    'one that is longer than allowed',
    () => get(server.url('/file'), { maxBytes: MIB - 1024 }),
    /longer than 1023 KiB/,
  ],
  ['one that is not there', () => get(server.url('/none')), /the server answered 404/],
  ['a circle', () => get(server.url('/circle')), /redirects too often/],
  ['one without TLS', () => get(plainUrl()), /only an https/],
  ['one that a redirect leads to without TLS', () => get(server.url('/plain')), /only an https/],
  [
    'one of a private address',
    () => get(server.url('/file'), { allowPrivate: false }),
    /private|not allowed/,
  ],
  ['one that nobody waits for', () => get(server.url('/file'), { signal: AbortSignal.abort() }), /abort/],
])('%s is refused, and nothing is left of it', async (_what, asking, why) => {
  await expect(asking()).rejects.toThrow(why);
  expect(await readdir(folder)).toEqual([]);
  expect(asked).toBe(0);
});
