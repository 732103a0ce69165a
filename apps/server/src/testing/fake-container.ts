import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';

/** Made anew in each container. */
const OWN = new Set(['app', 'proc', 'dev']);

/**
 * The command line that runs a program as in a container whose image is this machine: the machine read-only, `/app`
 * empty and its own, the user nobody. `binds` are folders of the machine by their place inside.
 */
export function containerArguments(binds: Record<string, string>, command: string, args: string[]): string[] {
  const machine = readdirSync('/', { withFileTypes: true })
    .filter(({ name }) => !OWN.has(name))
    .flatMap((entry) =>
      entry.isSymbolicLink()
        ? ['--symlink', readlinkSync(`/${entry.name}`), `/${entry.name}`]
        : ['--ro-bind', `/${entry.name}`, `/${entry.name}`],
    );
  return [
    ...['bwrap', ...machine, '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/app'],
    ...Object.entries(binds).flatMap(([inside, outside]) => ['--ro-bind', outside, inside]),
    ...['--unshare-user', '--unshare-pid', '--uid', '65534', '--gid', '65534', '--die-with-parent'],
    ...['--chdir', '/app', '--', command, ...args],
  ];
}

/** Whether all of these programs work here: those that a test cannot do without. */
export function hasPrograms(...names: string[]): boolean {
  try {
    for (const name of names) execFileSync(name, ['--version'], { stdio: 'ignore' });
    if (!names.includes('bwrap')) return true;
    const [command = '', ...args] = containerArguments({}, 'true', []);
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
