import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { messageOf } from '#core/errors.js';
import { machineFact } from './machine-facts.js';

const run = promisify(execFile);

/** Not taken over from the machine: made new, private, or of no use to a worker. */
const OWN = new Set(['app', 'proc', 'dev', 'tmp', 'sys', 'run', 'lost+found']);

/**
 * Gives a program its folder as `/app` with bubblewrap. The rest of the machine is there read-only, the data folder
 * and `/tmp` are not; processes end with the service, however it ends.
 */
export class AppMount {
  readonly #base: string[];

  private constructor(base: string[]) {
    this.#base = base;
  }

  /** The command line that runs `command` inside. */
  wrap(folder: string, command: string, args: string[]): string[] {
    return [
      'bwrap',
      ...this.#base,
      '--bind',
      folder,
      '/app',
      '--chdir',
      '/app/nodeserver',
      '--',
      command,
      ...args,
    ];
  }

  /** Finds out whether bubblewrap works here. @returns undefined where it does not */
  static async detect(dataDir: string, log: Logger): Promise<AppMount | undefined> {
    try {
      const mount = new AppMount(await baseArguments(dataDir));
      await machineFact('app mount', () => mount.#tryOut());
      return mount;
    } catch (error) {
      log.warn(
        `Workers run without a private /app, which published Python node servers need: bubblewrap does not work here (${messageOf(error).split('\n')[0]}). On Debian: apt install bubblewrap.`,
      );
      return undefined;
    }
  }

  /** Runs a command inside. @throws Error where that does not work */
  async #tryOut(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'polyrelay-probe-'));
    try {
      const [file = '', ...args] = this.wrap(folder, 'true', []);
      await run(
        file,
        args.map((arg) => (arg === '/app/nodeserver' ? '/app' : arg)),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function baseArguments(dataDir: string): Promise<string[]> {
  const entries = await readdir('/', { withFileTypes: true });
  const mounts = await Promise.all(
    entries
      .filter(({ name }) => !OWN.has(name))
      .map(async (entry) =>
        entry.isSymbolicLink()
          ? ['--symlink', await readlink(`/${entry.name}`), `/${entry.name}`]
          : ['--ro-bind', `/${entry.name}`, `/${entry.name}`],
      ),
  );
  return [
    ...mounts.flat(),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--dir', '/run'],
    // Name resolution on many systems is a link into /run.
    ...['--ro-bind-try', '/run/systemd/resolve', '/run/systemd/resolve'],
    ...['--tmpfs', dataDir],
    ...['--unshare-pid', '--unshare-ipc', '--die-with-parent', '--new-session'],
  ];
}
