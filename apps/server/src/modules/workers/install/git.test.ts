import { existsSync } from 'node:fs';
import { mkdtemp, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GitServer, hasGitServer, startGitServer } from '../../../testing/git-server.js';
import { TINY_WORKER } from '../../../testing/programs.js';
import { startService, type TestService } from '../../../testing/service.js';
import { logLine, untilNodeServer } from '../../../testing/waiting.js';
import { clone } from './git.js';

describe.skipIf(!hasGitServer)('a repository (needs git-http-backend)', () => {
  let server: GitServer;
  let base: string;
  let url: string;
  let service: TestService;
  let commits: string[];

  beforeAll(async () => {
    server = await startGitServer();
    ({ base } = server);
    url = server.url('repo');
    commits = [await server.commit('repo', { 'version.txt': 'one' }, 'v1')];
    await symlink('/etc/passwd', join(server.work('repo'), 'link'));
    commits.push(
      await server.commit('repo', { 'version.txt': 'two' }),
      await server.commit('repo', { 'main.mjs': TINY_WORKER }),
    );
    service = await startService({ ALLOW_PRIVATE_URLS: 'true' });
  });
  afterAll(async () => {
    await service.close();
    await server.close();
  });

  const cloned = async (from: string, ref?: string, allowPrivate = true) => {
    const folder = await mkdtemp(join(base, 'clone-'));
    const lines: string[] = [];
    const commit = await clone({
      url: from,
      ref,
      folder: join(folder, 'new'),
      allowPrivate,
      signal: new AbortController().signal,
      onLine: (text) => lines.push(text),
    });
    const read = (name: string) => readFile(join(folder, 'new', name), 'utf8');
    return { commit, lines, read };
  };

  test('is cloned at its newest commit, or at a tag; a link in it is a plain file', async () => {
    const newest = await cloned(url);
    expect(newest.commit).toBe(commits[2]);
    expect(await newest.read('version.txt')).toBe('two');
    expect(await newest.read('link')).toBe('/etc/passwd');
    const tagged = await cloned(url, 'v1');
    expect(tagged.commit).toBe(commits[0]);
    expect(await tagged.read('version.txt')).toBe('one');
  });

  test('is installed and run from its URL', async () => {
    const { id } = await service.call<{ id: string }>('POST', '/api/node-servers', {
      body: {
        serverJson: { name: 'Git', type: 'node', executable: 'main.mjs' },
        source: { git: url, ref: 'main' },
      },
      status: 201,
    });
    await untilNodeServer(service, id, ({ state }) => state === 'connected');
    expect((await logLine(service, id, /^Cloned commit /)).text).toContain(commits[2]);
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    await untilNodeServer(service, id, ({ state }) => state === 'stopped');
  });

  test.each([
    ['a branch that is not there', () => cloned(url, 'nothing'), /couldn't find remote ref nothing/],
    ['a repository that is not there', () => cloned(url.replace('repo', 'none')), /not found/],
    ['one behind a redirect', () => cloned(url.replace('/repo', '/moved/repo')), /could not be cloned/],
    [
      'a private address',
      () => cloned(url, undefined, false),
      /localhost is a private address; set ALLOW_PRIVATE_URLS/,
    ],
    [
      'a private address as a number',
      () => cloned('https://2130706433/a.git', undefined, false),
      /private address/,
    ],
    ['an IPv6 address', () => cloned('https://[::1]/a.git', undefined, false), /could not be cloned/],
    ['http', () => cloned(url.replace('https', 'http')), /transport 'http' not allowed/],
    ['a file of this machine', () => cloned(`file://${base}/repo.git`), /transport 'file' not allowed/],
    ['a program', () => cloned(`ext::touch ${base}/evil`), /transport 'ext' not allowed/],
    ['an argument', () => cloned(`--upload-pack=touch ${base}/evil`), /could not be cloned/],
    ['an argument as branch', () => cloned(url, `--upload-pack=touch ${base}/evil`), /could not be cloned/],
  ])('%s is refused', async (_what, attempt, why) => {
    await expect(attempt()).rejects.toThrow(why);
    expect(existsSync(join(base, 'evil'))).toBe(false);
  });

  test('a certificate of nobody is not believed', async () => {
    const trusted = process.env.GIT_SSL_CAINFO;
    delete process.env.GIT_SSL_CAINFO;
    try {
      await expect(cloned(url)).rejects.toThrow(/certificate/i);
    } finally {
      process.env.GIT_SSL_CAINFO = trusted;
    }
  });

  test('a clone that is ended ends at once', async () => {
    const abort = new AbortController();
    const attempt = clone({
      url,
      ref: undefined,
      folder: join(base, 'ended'),
      allowPrivate: true,
      signal: abort.signal,
      onLine: () => undefined,
    });
    abort.abort();
    await expect(attempt).rejects.toThrow(/it was ended/);
  });
});
