import { spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';
import { DomainError } from '#core/errors.js';

const CLONE_MS = 5 * 60_000;

const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
  ['::ffff:0:0', 96],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv6');

interface Clone {
  url: string;
  ref: string | undefined;
  folder: string;
  allowPrivate: boolean;
  signal: AbortSignal;
}

/**
 * Fetches the newest commit of a repository without its larger files and without writing any of them: for reading
 * single ones. https alone, no submodules, no hooks, no questions, no arguments from the URL. @returns the commit
 */
export async function cloneBare(
  { url, ref, folder, allowPrivate, signal }: Clone,
  maxBytes: number,
): Promise<string> {
  if (!allowPrivate) await refusePrivate(new URL(url).hostname);
  const options = ['--bare', '--depth=1', '--single-branch', `--filter=blob:limit=${maxBytes}`];
  if (ref !== undefined) options.push(`--branch=${ref}`);
  const safe = ['-c', 'core.hooksPath=/dev/null', '-c', 'http.followRedirects=false'];
  await git([...safe, 'clone', ...options, '--', url, folder], signal);
  return (await git(['-C', folder, 'rev-parse', 'HEAD'], signal)).trim();
}

/** Reads a file of the newest commit; undefined when it is not there, or too large to have been fetched. */
export async function readCloned(
  folder: string,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  // No protocol at all: what is not there is not fetched now.
  return git(['-C', folder, 'cat-file', 'blob', `HEAD:${path}`], signal, 'none').catch((error: unknown) => {
    if (signal.aborted) throw error;
    return undefined;
  });
}

function git(args: string[], signal: AbortSignal, protocols = 'https'): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      env: { ...gitEnvironment(), GIT_ALLOW_PROTOCOL: protocols },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: CLONE_MS,
      signal,
    });
    let output = '';
    let problem = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      problem = text;
    });
    child.once('error', (cause) =>
      reject(failed(signal.aborted ? 'it took too long' : 'git is not installed on this machine', cause)),
    );
    child.once('close', (code) =>
      code === 0
        ? resolve(output)
        : reject(failed(problem.trim().split('\n').at(-1) || `git ended with code ${code}`)),
    );
  });
}

/** Nothing of the service's environment but where programs and certificates are. */
const gitEnvironment = (): NodeJS.ProcessEnv => {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  if (process.env.GIT_SSL_CAINFO !== undefined) env.GIT_SSL_CAINFO = process.env.GIT_SSL_CAINFO;
  return env;
};

async function refusePrivate(host: string): Promise<void> {
  const addresses = await lookup(host, { all: true }).catch((cause: unknown) => {
    throw failed(`there is no host ${host}`, cause);
  });
  if (addresses.some(({ address }) => PRIVATE.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))) {
    throw failed(`${host} is a private address; set ALLOW_PRIVATE_URLS=true to allow those`);
  }
}

const failed = (why: string, cause?: unknown): DomainError =>
  new DomainError('invalid', 'notCloned', `The repository could not be read: ${why}.`, { cause });
