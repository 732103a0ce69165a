import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../testing/service.js';
import { PUSH_CLIENT_FILE, RECEIVER_FILE } from './paths.js';
import { openProgram } from './program.js';

let service: TestService;
let folder: string;

beforeAll(async () => {
  service = await startService();
  folder = await mkdtemp(join(tmpdir(), 'pr-program-'));
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

describe.each([
  ['receiver.mjs', RECEIVER_FILE, '--channel'],
  ['push-client.mjs', PUSH_CLIENT_FILE, '--topics'],
])('%s', (name, file, option) => {
  const fetchProgram = (init?: RequestInit) => fetch(`${service.url}/api/${name}`, init);

  test('whoever knows the address gets the program, and it runs', async () => {
    const response = await fetchProgram();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
    const program = Buffer.from(await response.arrayBuffer());
    expect(program.equals(await readFile(file))).toBe(true);
    const path = join(folder, name);
    await writeFile(path, program);
    const { stdout } = await promisify(execFile)(process.execPath, [path, '--help']);
    expect(stdout).toContain(option);
  });

  test('it is sent again only when it is another one', async () => {
    const { headers } = await fetchProgram({ method: 'HEAD' });
    const etag = headers.get('etag') ?? '';
    expect((await fetchProgram({ headers: { 'if-none-match': etag } })).status).toBe(304);
    const other = await fetchProgram({ headers: { 'if-none-match': '"other"' } });
    expect((await other.arrayBuffer()).byteLength).toBe(Number(headers.get('content-length')));
  });
});

test('where it was not built, it is said', async () => {
  const missing = {
    path: join(folder, 'nothing.mjs'),
    title: 'receiver of channels',
    missingCode: 'receiverMissing',
  };
  await expect(openProgram(missing)).rejects.toMatchObject({
    kind: 'notFound',
    code: 'receiverMissing',
    message: expect.stringContaining('npm run build'),
  });
});
