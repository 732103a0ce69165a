import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeServer, Problem } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TINY_WORKER } from '../../../testing/programs.js';
import { startService, type TestService } from '../../../testing/service.js';
import { untilNodeServer } from '../../../testing/waiting.js';
import { zip } from '../../../testing/zip.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const REQUEST = { serverJson: { name: 'Zip', type: 'node', executable: 'main.mjs' } };

const upload = (parts: { request?: string; archive?: Buffer }): Promise<Response> => {
  const form = new FormData();
  if (parts.archive !== undefined)
    form.set('archive', new Blob([new Uint8Array(parts.archive)]), 'program.zip');
  if (parts.request !== undefined) form.set('request', parts.request);
  return service.fetch('/api/node-servers', { method: 'POST', body: form });
};
const uploads = (): Promise<string[]> => readdir(join(service.dataDir, 'uploads')).catch(() => []);

const registered = async (archive: Buffer): Promise<NodeServer> => {
  const response = await upload({ request: JSON.stringify(REQUEST), archive });
  expect(response.status).toBe(201);
  return (await response.json()) as NodeServer;
};

describe('a zip that is sent with its registration', () => {
  test('is installed and run', async () => {
    const { id } = await registered(
      zip([
        { name: 'program-1.0/server.json', content: '{}' },
        { name: 'program-1.0/main.mjs', content: TINY_WORKER },
      ]),
    );
    await untilNodeServer(service, id, ({ state }) => state === 'connected');
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    await untilNodeServer(service, id, ({ state }) => state === 'stopped');
  });

  test.each([
    ['text', Buffer.from('no zip at all'), /^The zip cannot be used: it is not a zip archive/],
    ['one that leads out', zip([{ name: '../evil' }]), /^The zip cannot be used: .*\.\.\/evil/],
    [
      'one with a link',
      zip([{ name: 'l', content: '/etc', mode: 0o120777 }]),
      /^The zip cannot be used: l is a link/,
    ],
  ])('%s is told to the user', async (_what, archive, reason) => {
    const { id } = await registered(archive);
    const { stateReason } = await untilNodeServer(service, id, ({ state }) => state === 'crashed');
    expect(stateReason).toMatch(reason);
    expect(await readdir(join(service.dataDir, 'workers', id))).not.toContain('nodeserver');
  });

  test('a form that does not say where its parts begin is refused', async () => {
    const headers = { 'content-type': 'multipart/form-data' };
    const response = await service.fetch('/api/node-servers', { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(400);
  });

  test.each([
    ['no zip', { request: JSON.stringify(REQUEST) }, 'archive', /Send the zip/],
    ['no registration', { archive: zip([]) }, 'request', /Send the registration/],
    ['a registration that is not JSON', { archive: zip([]), request: '{' }, 'request', /is not JSON/],
    ['a registration that is a list', { archive: zip([]), request: '[]' }, 'serverJson', /./],
    [
      'a wrong server.json',
      {
        archive: zip([]),
        request: JSON.stringify({ serverJson: { ...REQUEST.serverJson, executable: '/a' } }),
      },
      'serverJson.executable',
      /relative path/,
    ],
  ])('%s is refused, and nothing is kept of it', async (_what, parts, path, message) => {
    const before = await uploads();
    const response = await upload(parts);
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as Problem;
    expect(errors?.find((error) => error.path === path)?.message).toMatch(message);
    expect(await uploads()).toEqual(before);
  });
});
