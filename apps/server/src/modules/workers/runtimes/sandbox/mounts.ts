import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where programs and libraries are; links to /usr on most systems. */
const SYSTEM_FOLDERS = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

/** What programs read in /etc: names, certificates, time zone. Nothing with a password or about this machine's services. */
const ETC = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'debian_version',
  'gai.conf',
  'host.conf',
  'hosts',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'pki',
  'protocols',
  'resolv.conf',
  'services',
  'ssl',
  'timezone',
];

/** Keys of this machine's own services, among its certificates. */
const PRIVATE = ['/etc/ssl/private', '/etc/pki/tls/private'];

/** What an interpreter has beside its programs. */
const INTERPRETER_FOLDERS = ['bin', 'include', 'lib', 'lib64', 'libexec', 'share'];

/** Memory behind the folders for temporary files, in bytes each. */
const TEMPORARY_BYTES = 64 * 1024 * 1024;

/**
 * bubblewrap's arguments for a machine that has programs and libraries, and nothing else of this one: no home, no data,
 * no sockets, no other processes. All but `/app` and temporary files is read-only.
 * @param prefixes folders of interpreters outside /usr
 * @param accounts folder with a `passwd` and `group` that know only the worker
 * @param dataDir the service's own: hidden also where it lies among programs
 */
export function machine(prefixes: string[], accounts: string, dataDir: string): string[] {
  const shown = ['/usr', ...prefixes];
  const data = resolve(dataDir);
  return [
    ...['--ro-bind', '/usr', '/usr'],
    ...SYSTEM_FOLDERS.flatMap(systemFolder),
    ...['--perms', '0755', '--dir', '/etc'],
    ...ETC.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ...['--ro-bind', join(accounts, 'passwd'), '/etc/passwd'],
    ...['--ro-bind', join(accounts, 'group'), '/etc/group'],
    ...PRIVATE.filter((folder) => existsSync(folder)).flatMap((folder) => ['--tmpfs', folder]),
    ...prefixes.flatMap(interpreterFolders),
    ...(shown.some((folder) => data.startsWith(`${folder}/`)) ? ['--tmpfs', data] : []),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--size', String(TEMPORARY_BYTES), '--perms', '1777', '--tmpfs', '/dev/shm'],
    ...['--size', String(TEMPORARY_BYTES), '--perms', '1777', '--tmpfs', '/tmp'],
    ...['--perms', '0755', '--dir', '/var', '--symlink', '../tmp', '/var/tmp'],
    // Name resolution on many systems is a link into /run.
    ...ancestors('/run/systemd/resolve'),
    ...['--ro-bind-try', '/run/systemd/resolve', '/run/systemd/resolve'],
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--hostname', 'worker', '--die-with-parent', '--new-session'],
  ];
}

/** Not the whole folder: a program may have been put into a home. */
const interpreterFolders = (prefix: string): string[] =>
  INTERPRETER_FOLDERS.map((name) => join(prefix, name))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => [...ancestors(folder), '--ro-bind', folder, folder]);

/** Made by hand: what bubblewrap makes on the way is for its own user alone. */
const ancestors = (folder: string): string[] =>
  folder
    .split('/')
    .slice(1, -1)
    .flatMap((_, i, names) => ['--perms', '0755', '--dir', `/${names.slice(0, i + 1).join('/')}`]);

function systemFolder(name: string): string[] {
  const path = `/${name}`;
  if (!existsSync(path)) return [];
  return lstatSync(path).isSymbolicLink()
    ? ['--symlink', readlinkSync(path), path]
    : ['--ro-bind', path, path];
}

/** The interpreters of this machine as they are called inside, and the folders outside /usr they live in. */
export async function interpreters(): Promise<{ python3: string; node: string; prefixes: string[] }> {
  const node = process.execPath;
  const path = process.env.PATH ?? '';
  const asked = pythons.get(path) ?? findPython();
  pythons.set(path, asked);
  const { python3, prefix } = await asked;
  const homes = [dirname(dirname(node)), prefix].filter((folder) => folder !== '' && !isSystem(folder));
  return { python3, node, prefixes: [...new Set(homes)] };
}

/** By PATH. Asked once: a shim takes longer than all the rest of finding out what works. */
const pythons = new Map<string, ReturnType<typeof findPython>>();

/** The real program behind shims such as pyenv's, which need a home that is not there inside. */
async function findPython(): Promise<{ python3: string; prefix: string }> {
  try {
    const { stdout } = await run('python3', [
      '-c',
      'import sys; print(sys.executable); print(sys.base_prefix)',
    ]);
    const [python3 = 'python3', prefix = ''] = stdout.trim().split('\n');
    return { python3, prefix };
  } catch {
    return { python3: 'python3', prefix: '' };
  }
}

const isSystem = (folder: string): boolean =>
  folder === '/' || folder === '/usr' || folder.startsWith('/usr/');
