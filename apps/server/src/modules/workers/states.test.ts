import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeServer } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { registerProgram, removePrograms, TINY_WORKER } from '../../testing/programs.js';
import { startService, type TestService } from '../../testing/service.js';
import { logLine, untilNodeServer } from '../../testing/waiting.js';

// Nobody waits a minute.
vi.mock('./patience.js', () => ({ STOP_MS: 2000, CONNECT_MS: 1500 }));

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => {
  await removePrograms();
  await service.close();
});

const inState = (id: string, ...states: string[]): Promise<NodeServer> =>
  untilNodeServer(service, id, ({ state }) => states.includes(state));
const stop = async (id: string): Promise<void> => {
  await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
  await inState(id, 'stopped');
};
const fromGit = (git: string) =>
  service.call<NodeServer>('POST', '/api/node-servers', {
    body: { serverJson: { name: 'Git', type: 'node', executable: 'main.mjs' }, source: { git } },
    status: 201,
  });

describe('what ends a program is told to the user', () => {
  test.each([
    ['a code', 'process.exit(42)', 'It ended with code 42'],
    ['no error at all', '', 'It ended with code 0'],
    [
      'SIGKILL',
      'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)',
      'It was ended by SIGKILL',
    ],
    [
      'SIGSEGV',
      'process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000)',
      'It was ended by SIGSEGV',
    ],
    ['SIGABRT', 'process.abort()', 'It was ended by SIGABRT'],
    ['an exception', 'throw new Error("broken")', 'It ended with code 1: “Error: broken”'],
  ])('%s', async (_what, main, reason) => {
    const { id } = await registerProgram(service, { 'main.mjs': main });
    const first = await inState(id, 'crashed');
    expect(first.stateReason).toMatch(/\. Starting again in \d s\.$/);
    expect(first.stateReason.startsWith(`${reason}. `)).toBe(true);
    await stop(id);
  });

  test('a crash loop waits longer each time, and says so', async () => {
    const { id } = await registerProgram(service, { 'main.mjs': 'process.exit(9)' });
    await inState(id, 'crashed');
    const second = await untilNodeServer(service, id, ({ stateReason }) =>
      /in (2|4|8) s\.$/.test(stateReason),
    );
    expect(second).toMatchObject({
      state: 'crashed',
      stateReason: expect.stringMatching(/^It ended with code 9\. Starting again in \d s\.$/),
    });
    await stop(id);
  });

  test('one that runs but does not connect is silent, until it does', async () => {
    const { id } = await registerProgram(service, { 'main.mjs': 'setInterval(() => {}, 1000)' });
    const { stateReason } = await inState(id, 'silent');
    expect(stateReason).toBe('It runs, but has not connected. Its log may say why.');
    await stop(id);
    const late = await registerProgram(service, {
      'main.mjs': `import { existsSync } from 'node:fs';
        const look = setInterval(() => existsSync('go') && (clearInterval(look), import('./worker.mjs')), 50);`,
      'worker.mjs': TINY_WORKER,
    });
    await inState(late.id, 'silent');
    await writeFile(join(service.dataDir, 'workers', late.id, 'releases', '1', 'nodeserver', 'go'), '');
    expect((await inState(late.id, 'connected')).stateReason).toBe('');
    await stop(late.id);
  });

  test.each([
    [
      'of this machine',
      'https://127.0.0.1:9/a.git',
      /could not be cloned: 127\.0\.0\.1 is a private address/,
    ],
    [
      'that nobody has',
      // Longer than a name can be: no name server is asked.
      `https://${'x'.repeat(64)}.invalid/a.git`,
      /could not be cloned: there is no host x{64}\.invalid/,
    ],
    [
      'with a password',
      'https://me:hunter2-canary@127.0.0.1/a.git',
      /could not be cloned: .*private address/,
    ],
  ])('a repository at an address %s', async (_what, git, reason) => {
    const { id } = await fromGit(git);
    const { stateReason } = await inState(id, 'crashed');
    expect(stateReason).toMatch(reason);
    await logLine(service, id, /could not be cloned/);
    const shown = await (await service.fetch(`/api/node-servers/${id}`)).text();
    const log = await (await service.fetch(`/api/node-servers/${id}/log`)).text();
    const events = await (await service.fetch('/api/events')).text();
    for (const text of [shown, log, events]) expect(text).not.toContain('hunter2-canary');
  });
});
