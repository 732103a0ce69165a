import type { Limits } from '@polyrelay/contract';
import { WRITABLE } from '../../layout.js';
import { limited, placed } from './limits.js';

/** What the sandbox of this machine is made of, found out once at start. */
export interface SandboxParts {
  /** bubblewrap's arguments for all but the worker's own folder. */
  machine: string[];
  /** The service runs as root: folders are mounted by it, then its rights are given away for good. */
  asRoot: boolean;
  /** Arguments that keep a worker from making user namespaces; none where bubblewrap is too old. */
  noNamespaces: string[];
  /** File with the filter of system calls; undefined for a processor without one. */
  filter: string | undefined;
  /** Whether `pasta` can give a worker a network of its own. */
  hasPasta: boolean;
}

interface Contents {
  folder: string;
  command: string;
  args: string[];
  limits: Limits;
  /** Which core it starts counting at, where it gets some of them. */
  core: number;
  /** Port of this machine that leads to port 3000 inside. */
  ingressPort?: number | undefined;
  /** Ports of this machine's loopback that it reaches from a network of its own: the broker's. */
  outwardPorts: number[];
  /** A hosts file for a network of its own. */
  hosts: string;
}

/** The user and group a worker is inside. Its number outside is the same for a service that is root, else the service's. */
export const NOBODY = '65534';

/** After everything that is mounted into them. */
const READ_ONLY = ['--remount-ro', '/dev', '--remount-ro', '/'];

const APP = ['--chdir', '/app/nodeserver'];

/** The port a node server listens on for what comes in (PGC section 7). */
const INNER_PORT = 3000;

/**
 * The command line that runs a program in its sandbox.
 *
 * As a user: bubblewrap makes a user namespace and mounts in it. As root: bubblewrap mounts with the rights of root,
 * because a user may not reach the data folder, then they are dropped and a second one makes the namespace.
 * With a network of its own `pasta` comes between; where it ran as root, its namespace knows one user alone, which is
 * called 0 inside but has no rights there either.
 */
export function sandboxed(parts: SandboxParts, contents: Contents): string[] {
  const { folder, command, args, limits, core } = contents;
  const { asRoot, filter } = parts;
  const before = placed(limits, core);
  const program = [...APP, '--', ...limited(limits), command, ...args];
  const own = WRITABLE.flatMap((name) => ['--bind', `${folder}/${name}`, `/app/${name}`]);
  const mounts = [...parts.machine, '--ro-bind', folder, '/app', ...own];
  const asNobody = ['--unshare-user', '--uid', NOBODY, '--gid', NOBODY, ...parts.noNamespaces];
  const network =
    contents.ingressPort === undefined ? [] : pasta(contents.ingressPort, contents.outwardPorts);
  const hosts = network.length === 0 ? [] : ['--ro-bind', contents.hosts, '/etc/hosts'];
  if (!asRoot) {
    const boundToService = network.length === 0 ? [] : ['setpriv', '--pdeathsig', 'KILL', '--'];
    const whole = [...filtered(filter), ...asNobody, ...mounts, ...hosts, ...READ_ONLY];
    return [...before, ...boundToService, ...network, ...whole, ...program];
  }
  const device = network.length === 0 ? [] : TUN;
  const inside = filter === undefined ? [] : ['--ro-bind', filter, FILTER];
  const outer = ['bwrap', ...mounts, ...device, ...hosts, ...inside, ...READ_ONLY, ...APP, '--'];
  const inner = [...filtered(filter && FILTER), '--dev-bind', '/', '/'];
  const powerless = network.length === 0 ? asNobody : ['--cap-drop', 'ALL'];
  return [...before, ...outer, ...GIVE_UP_ROOT, ...network, ...inner, ...powerless, ...program];
}

/** Where the filter is inside. */
const FILTER = '/.system-calls';

/** bubblewrap reads the filter from a descriptor, which the shell opens. */
const filtered = (filter: string | undefined): string[] =>
  filter === undefined ? ['bwrap'] : ['sh', '-c', 'exec "$@" 3<"$0"', filter, 'bwrap', '--seccomp', '3'];

const GIVE_UP_ROOT = [
  ...['setpriv', '--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'],
  ...['--no-new-privs', '--inh-caps=-all', '--bounding-set=-all', '--'],
];

/** The device a network is made with. */
const TUN = ['--perms', '0755', '--dir', '/dev/net', '--dev-bind-try', '/dev/net/tun', '/dev/net/tun'];

const pasta = (ingressPort: number, outwardPorts: number[]): string[] => [
  ...['pasta', '--config-net', '--foreground', '--quiet', '--no-map-gw'],
  ...['--tcp-ports', `${ingressPort}:${INNER_PORT}`, '--udp-ports', 'none'],
  ...['--tcp-ns', outwardPorts.join(',') || 'none', '--udp-ns', 'none', '--'],
];
