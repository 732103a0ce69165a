import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testAuthority } from '@polyrelay/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TINY_WORKER } from '../../../testing/programs.js';
import { startService, type TestService } from '../../../testing/service.js';
import { logLine, untilNodeServer } from '../../../testing/waiting.js';
import { clone } from './git.js';

const run = promisify(execFile);

/** git's own server program; undefined where it is not installed. */
function httpBackend(): string | undefined {
  try {
    const path = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

const backend = httpBackend();

/** Serves the repositories of a folder over https, as a git host does (CGI, RFC 3875). */
function gitServer(root: string, cert: string, key: string): Server {
  return createServer({ cert, key }, (request, response) => {
    const url = new URL(request.url ?? '', 'https://localhost');
    if (url.pathname.startsWith('/moved')) {
      response.writeHead(302, { location: request.url?.replace('/moved', '') ?? '/' }).end();
      return;
    }
    const child = spawn(backend ?? '', [], {
      env: {
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? '',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
    });
    request.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('close', () => {
      const answer = Buffer.concat(chunks);
      const end = answer.indexOf('\r\n\r\n');
      const headers = Object.fromEntries(
        answer
          .toString('latin1', 0, end)
          .split('\r\n')
          .map((line) => line.split(/: */, 2) as [string, string]),
      );
      response.writeHead(Number.parseInt(headers.Status ?? '200', 10), headers);
      response.end(answer.subarray(end + 4));
    });
  });
}

describe.skipIf(backend === undefined)('a repository (needs git-http-backend)', () => {
  let base: string;
  let server: Server;
  let url: string;
  let service: TestService;
  let commits: string[];
  const before = process.env.GIT_SSL_CAINFO;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'pr-git-'));
    const work = join(base, 'work');
    const author = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main'];
    const git = async (...args: string[]): Promise<string> =>
      (await run('git', [...author, ...args], { env: { PATH: process.env.PATH, HOME: base } })).stdout.trim();
    await git('init', work);
    const save = async (name: string, content: string): Promise<string> => {
      await writeFile(join(work, name), content);
      await git('-C', work, 'add', '-A');
      await git('-C', work, 'commit', '-m', name);
      return git('-C', work, 'rev-parse', 'HEAD');
    };
    commits = [await save('version.txt', 'one')];
    await git('-C', work, 'tag', 'v1');
    await run('ln', ['-s', '/etc/passwd', join(work, 'link')]);
    commits.push(await save('version.txt', 'two'), await save('main.mjs', TINY_WORKER));
    await git('clone', '--bare', work, join(base, 'repo.git'));

    const authority = await testAuthority();
    const { cert, key } = await authority.issue('localhost', { dns: ['localhost'], ip: ['127.0.0.1'] });
    await writeFile(join(base, 'ca.pem'), authority.caCert);
    process.env.GIT_SSL_CAINFO = join(base, 'ca.pem');
    server = gitServer(base, cert, key);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://localhost:${(server.address() as AddressInfo).port}/repo.git`;
    service = await startService({ ALLOW_PRIVATE_URLS: 'true' });
  });
  afterAll(async () => {
    await service.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(base, { recursive: true, force: true });
    if (before === undefined) delete process.env.GIT_SSL_CAINFO;
    else process.env.GIT_SSL_CAINFO = before;
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
