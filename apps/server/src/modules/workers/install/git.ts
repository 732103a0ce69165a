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

/**
 * Clones a repository, its newest commit only: https alone, no submodules, no hooks, no questions, no arguments from
 * the URL. @returns the commit
 */
export async function clone(options: {
  url: string;
  ref: string | undefined;
  folder: string;
  allowPrivate: boolean;
  signal: AbortSignal;
  onLine: (text: string) => void;
}): Promise<string> {
  const { url, ref, folder, allowPrivate, signal, onLine } = options;
  if (!allowPrivate) await refusePrivate(new URL(url).hostname);
  const branch = ref === undefined ? [] : ['--branch', ref];
  const safe = [
    '-c',
    'core.hooksPath=/dev/null',
    '-c',
    'core.symlinks=false',
    '-c',
    'http.followRedirects=false',
  ];
  await git(
    [
      ...safe,
      'clone',
      '--depth',
      '1',
      '--single-branch',
      '--no-recurse-submodules',
      ...branch,
      '--',
      url,
      folder,
    ],
    signal,
    onLine,
  );
  return (await git(['-C', folder, 'rev-parse', 'HEAD'], signal, () => undefined)).trim();
}

function git(args: string[], signal: AbortSignal, onLine: (text: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      env: gitEnvironment(),
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
      for (const line of text.split(/[\r\n]+/).filter(Boolean)) onLine(line);
    });
    child.once('error', (cause) =>
      reject(failed(signal.aborted ? 'it was ended' : 'git is not installed on this machine', cause)),
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
    GIT_ALLOW_PROTOCOL: 'https',
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
  new DomainError('invalid', 'notCloned', `The repository could not be cloned: ${why}.`, { cause });
