import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { testAuthority } from '@polyrelay/testkit';

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

export const hasGitServer = backend !== undefined;

/** A git host on this machine. */
export interface GitServer {
  /** Holds the repositories, `ca.pem` with what signed its certificate, and whatever a test needs. */
  base: string;
  /** URL of a repository; one that begins with `/moved` is behind a redirect. */
  url(name: string): string;
  /** Makes a commit in a repository, which is made by its first one. @returns the commit */
  commit(name: string, files: Record<string, string>, tag?: string): Promise<string>;
  /** The working copy of a repository; what lies in it goes into its next commit. */
  work(name: string): string;
  close(): Promise<void>;
}

/**
 * Serves repositories over https, as a git host does (CGI, RFC 3875). While it runs, git of this process trusts its
 * certificate (`GIT_SSL_CAINFO`).
 */
export async function startGitServer(): Promise<GitServer> {
  const base = await mkdtemp(join(tmpdir(), 'pr-git-'));
  const authority = await testAuthority();
  const { cert, key } = await authority.issue('localhost', { dns: ['localhost'], ip: ['127.0.0.1'] });
  await writeFile(join(base, 'ca.pem'), authority.caCert);
  const before = process.env.GIT_SSL_CAINFO;
  process.env.GIT_SSL_CAINFO = join(base, 'ca.pem');
  const server = createServer({ cert, key }, (request, response) => {
    const url = new URL(request.url ?? '', 'https://localhost');
    if (url.pathname.startsWith('/moved')) {
      response.writeHead(302, { location: request.url?.replace('/moved', '') ?? '/' }).end();
      return;
    }
    const child = spawn(backend ?? '', [], {
      env: {
        GIT_PROJECT_ROOT: base,
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const author = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main'];
  const work = (name: string): string => join(base, 'work', name);
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', [...author, ...args], { env: { PATH: process.env.PATH, HOME: base } })).stdout.trim();

  return {
    base,
    url: (name) => `https://localhost:${(server.address() as AddressInfo).port}/${name}.git`,
    work,
    commit: async (name, files, tag) => {
      const bare = join(base, `${name}.git`);
      if (!existsSync(work(name))) {
        await git('init', work(name));
        await git('init', '--bare', bare);
        await git('-C', bare, 'config', 'uploadpack.allowFilter', 'true');
      }
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(work(name), path)), { recursive: true });
        await writeFile(join(work(name), path), content);
      }
      await git('-C', work(name), 'add', '-A');
      await git('-C', work(name), 'commit', '--allow-empty', '-m', Object.keys(files).join(' ') || 'nothing');
      if (tag !== undefined) await git('-C', work(name), 'tag', tag);
      await git('-C', work(name), 'push', '--all', bare);
      await git('-C', work(name), 'push', '--tags', bare);
      return git('-C', work(name), 'rev-parse', 'HEAD');
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(base, { recursive: true, force: true });
      if (before === undefined) delete process.env.GIT_SSL_CAINFO;
      else process.env.GIT_SSL_CAINFO = before;
    },
  };
}
