import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/** What the engine takes for a new container, of what it has (Docker Engine API 1.47, ContainerCreate). */
export const Create = z.strictObject({
  Image: z.string(),
  Entrypoint: z.array(z.string()),
  Cmd: z.array(z.string()),
  WorkingDir: z.string(),
  User: z.string().regex(/^\d+:\d+$/),
  Hostname: z.string(),
  Env: z.array(z.string().includes('=')),
  Labels: z.record(z.string(), z.string()),
  AttachStdout: z.boolean(),
  AttachStderr: z.boolean(),
  ExposedPorts: z.record(z.string().regex(/^\d+\/tcp$/), z.strictObject({})).optional(),
  HostConfig: z.strictObject({
    Mounts: z.array(
      z.strictObject({
        Type: z.literal('bind'),
        Source: z.string(),
        Target: z.string(),
        ReadOnly: z.boolean(),
      }),
    ),
    ReadonlyRootfs: z.boolean(),
    Tmpfs: z.record(z.string(), z.string()),
    CapDrop: z.array(z.string()),
    SecurityOpt: z.array(z.string()),
    Memory: z.int(),
    MemorySwap: z.int(),
    NanoCpus: z.int(),
    PidsLimit: z.int(),
    Init: z.boolean(),
    NetworkMode: z.string(),
    ExtraHosts: z.array(z.string().regex(/^[^:]+:.+$/)),
    PortBindings: z
      .record(z.string().regex(/^\d+\/tcp$/), z.array(z.strictObject({ HostPort: z.string() })))
      .optional(),
    LogConfig: z.strictObject({ Type: z.string(), Config: z.record(z.string(), z.string()) }),
    RestartPolicy: z.strictObject({ Name: z.string() }),
    AutoRemove: z.boolean(),
  }),
});
export type CreatedContainer = z.output<typeof Create>;

/** The command line of a container: programs of this machine as its image, its mounts, its user without any right. */
export function inside(
  { User, WorkingDir, Entrypoint, Cmd, HostConfig }: CreatedContainer,
  hosts: string,
): string[] {
  const [uid = '', gid = ''] = User.split(':');
  const links = readdirSync('/')
    .filter((name) => /^(s?bin|lib\w*)$/.test(name))
    .flatMap((name) =>
      lstatSync(`/${name}`).isSymbolicLink()
        ? ['--symlink', readlinkSync(`/${name}`), `/${name}`]
        : ['--ro-bind', `/${name}`, `/${name}`],
    );
  const node = dirname(dirname(process.execPath));
  const program = [...Entrypoint, ...Cmd];
  const isRoot = process.getuid?.() === 0;
  return [
    ...[
      'bwrap',
      '--ro-bind',
      '/usr',
      '/usr',
      ...links,
      '--ro-bind',
      '/etc',
      '/etc',
      '--ro-bind',
      hosts,
      '/etc/hosts',
    ],
    ...(node.startsWith('/usr') ? [] : ['--ro-bind', node, node]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...Object.keys(HostConfig.Tmpfs).flatMap((path) => ['--perms', '1777', '--tmpfs', path]),
    ...HostConfig.Mounts.flatMap(({ Source, Target, ReadOnly }) => [
      ReadOnly ? '--ro-bind' : '--bind',
      Source,
      Target,
    ]),
    ...(HostConfig.ReadonlyRootfs ? ['--remount-ro', '/'] : []),
    ...['--unshare-pid', '--unshare-ipc', '--die-with-parent', '--chdir', WorkingDir],
    ...(isRoot ? [] : ['--unshare-user', '--uid', uid, '--gid', gid]),
    '--',
    ...(isRoot ? ['setpriv', '--reuid', uid, '--regid', gid, '--clear-groups', '--no-new-privs'] : []),
    ...(isRoot ? ['--inh-caps=-all', '--bounding-set=-all', '--'] : []),
    ...program,
  ];
}

/** Resident memory of a process and all below it, in bytes. */
export function memoryOf(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    const stat = read(`/proc/${name}/stat`);
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  let bytes = 0;
  for (const pid of parents.keys()) {
    if (!isBelow(pid)) continue;
    bytes += Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
  }
  return bytes;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
