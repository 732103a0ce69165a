import { execFile } from 'node:child_process';
import { readdir, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where published modules expect their folder. */
const APP = '/app';

/**
 * Gives a program its place as `/app` with bubblewrap. Everything else of the machine is there as it is: the program
 * is the user's own, and may do what the user may.
 */
export class AppMount {
  readonly #base: string[];

  private constructor(base: string[]) {
    this.#base = base;
  }

  /** The command line that runs `command` in /app/nodeserver; the process id of `command` is told at file 3. */
  wrap(place: string, folder: string, command: string, args: string[]): string[] {
    return [
      ...['bwrap', ...this.#base, '--bind', place, APP, '--bind', folder, `${APP}/nodeserver`],
      ...['--info-fd', '3', '--chdir', `${APP}/nodeserver`, '--', command, ...args],
    ];
  }

  /** Finds out whether bubblewrap works here. @returns undefined where it does not */
  static async detect(): Promise<AppMount | undefined> {
    if (process.platform !== 'linux') return undefined;
    try {
      const base = await baseArguments();
      await run('bwrap', [...base, '--tmpfs', APP, '--', 'true']);
      return new AppMount(base);
    } catch {
      return undefined;
    }
  }
}

async function baseArguments(): Promise<string[]> {
  const entries = await readdir('/', { withFileTypes: true });
  const mounts = await Promise.all(
    entries
      .filter(({ name }) => `/${name}` !== APP)
      .map(async (entry) =>
        entry.isSymbolicLink()
          ? ['--symlink', await readlink(`/${entry.name}`), `/${entry.name}`]
          : ['--dev-bind-try', `/${entry.name}`, `/${entry.name}`],
      ),
  );
  return [...mounts.flat(), '--die-with-parent'];
}
