import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '#core/errors.js';
import { type Gate, openGate } from './gate.js';
import { Measure } from './measure.js';

const CLONE_MS = 5 * 60_000;

/** What a repository may send, in bytes. */
const MAX_BYTES = 256 * 1024 * 1024;

/** No file of a repository is larger, in bytes: a small pack may unpack to a lot. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** What git may need to unpack that, in bytes. */
const MAX_MEMORY_BYTES = 1024 * 1024 * 1024;

const SAFE = [
  'core.hooksPath=/dev/null',
  'core.symlinks=false',
  'core.fsmonitor=false',
  'protocol.allow=never',
  'protocol.https.allow=always',
  'http.followRedirects=false',
  'submodule.recurse=false',
  'fetch.fsckObjects=true',
  'gc.auto=0',
].flatMap((setting) => ['-c', setting]);

interface CloneOptions {
  url: string;
  /** A branch, tag or commit; the repository's own branch when left out. */
  ref: string | undefined;
  /** Does not exist yet. */
  folder: string;
  allowPrivate: boolean;
  signal: AbortSignal;
  onLine: (text: string) => void;
}

/**
 * Fetches one commit of a repository: https alone, from the host that is named alone and not from a private address, no
 * submodules, hooks, links or questions, no arguments from the URL. Its size is known before a file is written; of git
 * itself nothing is left, so that the program does not see where it comes from.
 * @returns the commit
 * @throws DomainError `notCloned` with the reason
 */
export async function clone(options: CloneOptions): Promise<string> {
  const { url, ref = 'HEAD', folder, allowPrivate, signal, onLine } = options;
  if (!URL.canParse(url)) throw failed('its address is not a URL');
  const { hostname: host, port } = new URL(url);
  await mkdir(folder, { recursive: true });
  const gate = await openGate({ host, port: Number(port || 443), allowPrivate, maxBytes: MAX_BYTES });
  const git = async (args: string[], onOutput: OnOutput = () => undefined): Promise<void> =>
    runGit(['-C', folder, ...SAFE, ...args], { gate, signal, onLine, onOutput });
  try {
    await git(['init', '--quiet', '--template=']);
    await git([
      'fetch',
      '--depth',
      '1',
      '--no-tags',
      '--no-recurse-submodules',
      '--progress',
      '--',
      url,
      ref,
    ]);
    await git(['ls-tree', '-r', '-t', '-l', '-z', 'FETCH_HEAD'], measured());
    await git(['checkout', '--quiet', '--detach', 'FETCH_HEAD']);
    let commit = '';
    await git(['rev-parse', 'HEAD'], (text) => {
      commit += text;
      return undefined;
    });
    await rm(join(folder, '.git'), { recursive: true, force: true });
    return commit.trim();
  } finally {
    gate.close();
  }
}

/** Takes what git prints. @returns why that is enough, in words for the user */
type OnOutput = (text: string) => string | undefined;

/** Adds up `mode type object size<tab>path`, each ended by NUL: one small file may stand in a commit many times. */
function measured(): OnOutput {
  const measure = new Measure();
  let rest = '';
  return (text) => {
    const entries = `${rest}${text}`.split('\0');
    rest = entries.pop() ?? '';
    for (const entry of entries) {
      const at = entry.indexOf('\t');
      const problem = measure.add(
        entry.slice(at + 1),
        Number.parseInt(entry.slice(0, at).split(/ +/)[3] ?? '', 10) || 0,
      );
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

interface Running {
  gate: Gate;
  signal: AbortSignal;
  onLine: (text: string) => void;
  onOutput: OnOutput;
}

function runGit(args: string[], { gate, signal, onLine, onOutput }: Running): Promise<void> {
  const limits = [`--fsize=${MAX_FILE_BYTES}`, `--data=${MAX_MEMORY_BYTES}`, '--core=0'];
  return new Promise((resolve, reject) => {
    const child = spawn('prlimit', [...limits, 'git', ...args], {
      env: gitEnvironment(gate.url),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: CLONE_MS,
      signal,
    });
    let problem = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const enough = onOutput(text);
      if (enough === undefined) return;
      reject(failed(enough));
      child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      problem = `${problem}${text}`.slice(-2000);
      for (const line of text.split(/[\r\n]+/).filter(isWorthSaying)) onLine(line);
    });
    child.once('error', (cause) =>
      reject(failed(signal.aborted ? 'it was ended' : 'git is not installed on this machine', cause)),
    );
    child.once('close', (code, ended) => {
      if (code === 0) return resolve();
      if (ended !== null) return reject(failed(`it took longer than ${CLONE_MS / 60_000} minutes`));
      reject(failed(gate.refusal() ?? reasonIn(problem) ?? `git ended with code ${code}`));
    });
  });
}

/** Percentages come many times a second; their ends are enough. */
const isWorthSaying = (line: string): boolean => line !== '' && !/ \d{1,2}% /.test(line);

/** The line in which git says why. */
function reasonIn(problem: string): string | undefined {
  const lines = problem.split(/[\r\n]+/).filter(Boolean);
  const line = lines.findLast((text) => /^(fatal|error|remote): /.test(text)) ?? lines.at(-1);
  return line?.replace(/^(fatal|error): /, '');
}

/** Nothing of the service's environment but where programs and certificates are. */
function gitEnvironment(proxy: string): NodeJS.ProcessEnv {
  const { PATH = '/usr/bin:/bin', GIT_SSL_CAINFO } = process.env;
  return {
    PATH,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_ALLOW_PROTOCOL: 'https',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
    https_proxy: proxy,
    ...(GIT_SSL_CAINFO === undefined ? {} : { GIT_SSL_CAINFO }),
  };
}

const failed = (why: string, cause?: unknown): DomainError =>
  new DomainError('invalid', 'notCloned', `The repository could not be cloned: ${why}.`, { cause });
