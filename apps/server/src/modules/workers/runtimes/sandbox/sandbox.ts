import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEFAULT_LIMITS, type Inbound } from '@polyrelay/contract';
import { messageOf } from '#core/errors.js';
import { makeLayout } from '../../layout.js';
import { type StartedChild, startChild } from '../child.js';
import { basicEnvironment, heapLimit } from '../environment.js';
import { machineFact } from '../machine-facts.js';
import type { Ending, Language, OnLine, Program, RunningProgram, Runtime } from '../types.js';
import { NOBODY, type SandboxParts, sandboxed } from './command-line.js';
import { MemoryWatch } from './memory-watch.js';
import { interpreters, machine } from './mounts.js';
import { syscallFilter } from './seccomp.js';
import { Spares, WAIT } from './spares.js';

const run = promisify(execFile);

const MIB = 1024 * 1024;

/** What the sandbox needs to know of the service it keeps workers away from. */
interface SandboxOptions {
  dataDir: string;
  /** The broker as workers reach it, read when one starts. */
  broker(): { host: string; port: number; embedded: boolean };
  /** How many sandboxes are kept ready for Node.js programs. */
  spares: number;
}

/**
 * Runs a worker in a sandbox of bubblewrap: its own folder as `/app`, the machine's programs read-only, own process,
 * user and host names, no rights, bounded memory, processes and cores. It shares the machine's network, unless something
 * has to come in; then it gets one of its own with `pasta`.
 */
export class SandboxRuntime implements Runtime {
  readonly name = 'sandbox';
  readonly #options: SandboxOptions;
  readonly #parts: SandboxParts;
  readonly #interpreters: Record<Language, string>;
  readonly #memory = new MemoryWatch();
  readonly #spares: Spares;
  #started = 0;

  private constructor(options: SandboxOptions, parts: SandboxParts, programs: Record<Language, string>) {
    this.#options = options;
    this.#parts = parts;
    this.#interpreters = programs;
    this.#spares = new Spares(
      join(options.dataDir, 'workers', '.spares'),
      options.spares,
      (folder, onLine) => this.#startSpare(folder, onLine),
      (folder) => this.adopt(folder),
    );
  }

  /** Finds out whether a sandbox works here. @returns it, or why it does not */
  static async detect(options: SandboxOptions): Promise<SandboxRuntime | string> {
    const { prefixes, ...programs } = await interpreters();
    const accounts = await writeAccounts(options.dataDir);
    const parts: SandboxParts = {
      machine: machine(prefixes, accounts, options.dataDir),
      asRoot: process.getuid?.() === 0,
      noNamespaces: ['--disable-userns'],
      filter: await writeFilter(accounts),
      hasPasta: await machineFact('pasta', () => works('pasta', ['--version'])),
    };
    const problem = await machineFact('sandbox', () => tryOut(parts));
    if (problem === undefined) return new SandboxRuntime(options, parts, programs);
    const older = { ...parts, noNamespaces: [] };
    if ((await machineFact('older sandbox', () => tryOut(older))) === undefined)
      return new SandboxRuntime(options, older, programs);
    return `bubblewrap does not work here (${problem}). On Debian: apt install bubblewrap.`;
  }

  /** A worker has a network of its own where `pasta` makes one. */
  get inbound(): Inbound {
    return this.#parts.hasPasta ? 'mapped' : 'shared';
  }

  get inboundNote(): string {
    return this.#parts.hasPasta ? '' : NO_PASTA;
  }

  interpreter(language: Language): string {
    return this.#interpreters[language];
  }

  appFolder(): string {
    return '/app';
  }

  async adopt(folder: string): Promise<void> {
    if (this.#parts.asRoot) await giveAway(folder);
  }

  async run(program: Program): Promise<RunningProgram> {
    const { limits, env } = program;
    const memory = memoryNotes(program.onLine);
    const noted = { ...program, onLine: memory.onLine };
    const child = (await this.#spares.take(noted, basicEnvironment(HOME, env))) ?? (await this.#start(noted));
    const limit = `${limits.memoryMb} MB of memory`;
    let exceeded = false;
    const onExceeded = (): void => {
      exceeded = true;
      child.kill();
    };
    const endWatch = this.#memory.add(child.pid, { limitBytes: limits.memoryMb * MIB, onExceeded });
    const ended = child.ended.then((ending): Ending => {
      endWatch();
      if (exceeded)
        return { reason: `It used more than ${limit} and was ended`, success: false, isWhole: true };
      if (!ending.success && memory.ranOut())
        return {
          reason: `It ran out of memory: it may use ${limit}. ${ending.reason}`,
          success: false,
          isWhole: true,
        };
      return ending;
    });
    return { ...child, ended };
  }

  close(): Promise<void> {
    return this.#spares.close();
  }

  async #start(program: Program): Promise<StartedChild> {
    const { folder, command, args, env, limits, onLine } = program;
    const broker = this.#options.broker();
    const hosts = join(this.#options.dataDir, 'sandbox', 'hosts');
    const ingressPort = this.#parts.hasPasta ? program.ingressPort : undefined;
    // In a network of its own, the machine's addresses are not the machine's.
    if (ingressPort !== undefined) await writeFile(hosts, hostsFile(broker.embedded ? [broker.host] : []));
    const outwardPorts = broker.embedded ? [broker.port] : [];
    const contents = {
      folder,
      command,
      args,
      limits,
      core: this.#started++,
      ingressPort,
      outwardPorts,
      hosts,
    };
    return startChild({
      name: command,
      commandLine: sandboxed(this.#parts, contents),
      cwd: '/',
      env: basicEnvironment(HOME, env),
      onLine,
      wrapped: true,
    });
  }

  #startSpare(folder: string, onLine: OnLine): StartedChild {
    const command = this.#interpreters.node;
    const args = [heapLimit(DEFAULT_LIMITS.memoryMb), '-e', WAIT];
    const contents = {
      folder,
      command,
      args,
      limits: DEFAULT_LIMITS,
      core: this.#started++,
      outwardPorts: [],
      hosts: '',
    };
    return startChild({
      name: command,
      commandLine: sandboxed(this.#parts, contents),
      cwd: '/',
      env: basicEnvironment(HOME, {}),
      onLine,
      wrapped: true,
      hasInput: true,
    });
  }
}

const NO_PASTA =
  'The program “pasta” is not installed, so the sandbox cannot give a worker a network and a port of its own. On Debian: apt install passt, then start the service again.';

/** A worker's own, inside. */
const HOME = '/app/home';

/** What programs say when they get no more memory, which their exit code does not tell. */
const OUT_OF_MEMORY =
  /heap out of memory|MemoryError|Cannot allocate memory|bad_alloc|ENOMEM|allocation failed|ERR_MEMORY_ALLOCATION/i;

/** Said longer ago, it was got over. A large heap takes its time to die on a busy machine. */
const OUT_OF_MEMORY_MS = 30_000;

function memoryNotes(onLine: OnLine): { onLine: OnLine; ranOut(): boolean } {
  let last = 0;
  return {
    onLine: (stream, text) => {
      if (stream === 'stderr' && OUT_OF_MEMORY.test(text)) last = Date.now();
      onLine(stream, text);
    },
    ranOut: () => Date.now() - last < OUT_OF_MEMORY_MS,
  };
}

/** Inside, the machine has one account. */
async function writeAccounts(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'sandbox');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'passwd'), `worker:x:${NOBODY}:${NOBODY}:Worker:/app:/bin/sh\n`);
  await writeFile(join(folder, 'group'), `worker:x:${NOBODY}:\n`);
  return folder;
}

/** @returns the file; undefined where there is no filter for this processor */
async function writeFilter(folder: string): Promise<string | undefined> {
  const filter = syscallFilter(process.arch);
  if (filter === undefined) return undefined;
  const path = join(folder, 'system-calls');
  await writeFile(path, filter);
  // Also where the service's own files are for nobody else.
  await chmod(path, 0o644);
  return path;
}

/** IPv4 alone: what listens on this machine's loopback may not on the other. */
const hostsFile = (names: string[]): string => `127.0.0.1 ${['localhost', 'worker', ...names].join(' ')}\n`;

/** Runs a command in a sandbox as a worker's would be. @returns what went wrong */
async function tryOut(parts: SandboxParts): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'polyrelay-probe-'));
  try {
    await makeLayout(folder);
    if (parts.asRoot) await giveAway(folder);
    const contents = {
      folder,
      command: 'true',
      args: [],
      limits: DEFAULT_LIMITS,
      core: 0,
      outwardPorts: [],
      hosts: '',
    };
    const [file = '', ...args] = sandboxed(parts, contents);
    await run(file, args, { timeout: 10_000 });
    return undefined;
  } catch (error) {
    return messageOf(error).trim().split('\n').at(-1) ?? '';
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Links are given away themselves, and not what they lead to. */
const giveAway = (folder: string): Promise<unknown> =>
  run('chown', ['-R', '-h', '-P', `${NOBODY}:${NOBODY}`, '--', folder]);

const works = (file: string, args: string[]): Promise<boolean> =>
  run(file, args).then(
    () => true,
    () => false,
  );
