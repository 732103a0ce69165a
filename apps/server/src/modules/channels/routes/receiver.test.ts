import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RECEIVER_FILE } from '#core/paths.js';
import { startService, type TestService } from '../../../testing/service.js';
import { openReceiver } from './receiver.js';

let service: TestService;
let folder: string;

beforeAll(async () => {
  service = await startService();
  folder = await mkdtemp(join(tmpdir(), 'pr-receiver-file-'));
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

const fetchReceiver = (init?: RequestInit) => fetch(`${service.url}/api/receiver.mjs`, init);

test('whoever knows the address gets the program, and it runs', async () => {
  const response = await fetchReceiver();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  const program = Buffer.from(await response.arrayBuffer());
  expect(program.equals(await readFile(RECEIVER_FILE))).toBe(true);
  const path = join(folder, 'receiver.mjs');
  await writeFile(path, program);
  const { stdout } = await promisify(execFile)(process.execPath, [path, '--help']);
  expect(stdout).toContain('--channel');
});

test('it is sent again only when it is another one', async () => {
  const { headers } = await fetchReceiver({ method: 'HEAD' });
  const etag = headers.get('etag') ?? '';
  expect((await fetchReceiver({ headers: { 'if-none-match': etag } })).status).toBe(304);
  const other = await fetchReceiver({ headers: { 'if-none-match': '"other"' } });
  expect((await other.arrayBuffer()).byteLength).toBe(Number(headers.get('content-length')));
});

test('where it was not built, it is said', async () => {
  await expect(openReceiver(join(folder, 'nothing.mjs'))).rejects.toMatchObject({
    kind: 'notFound',
    code: 'receiverMissing',
    message: expect.stringContaining('npm run build'),
  });
});
