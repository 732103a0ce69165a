import type { ContainerCreateOptions } from 'dockerode';
import { CONTAINER_HOST } from '#core/endpoints.js';
import { WRITABLE } from '../../layout.js';
import type { Program } from '../types.js';

/** Marks a container as that of a worker, by the worker's id. */
export const LABEL = 'polyrelay.worker';

/** The port a node server listens on for what comes in (PGC section 7). */
const INGRESS = '3000/tcp';

const MIB = 1024 * 1024;

interface Surroundings {
  image: string;
  /** The program's folder as Docker's machine calls it. */
  source: string;
  /** `uid:gid` inside. */
  user: string;
}

/** What Docker is asked for: the program in its folder, with nothing else of the machine and bounded in everything. */
export function containerOf(program: Program, { image, source, user }: Surroundings): ContainerCreateOptions {
  const { worker, command, args, env, limits, ingressPort } = program;
  return {
    Image: image,
    Entrypoint: [command],
    Cmd: args,
    WorkingDir: '/app/nodeserver',
    User: user,
    Hostname: 'worker',
    Env: Object.entries({ LANG: 'C.UTF-8', ...reachingOut(env), HOME: '/app/home' }).map(
      ([name, value]) => `${name}=${value}`,
    ),
    Labels: { [LABEL]: worker },
    AttachStdout: true,
    AttachStderr: true,
    ...(ingressPort === undefined ? {} : { ExposedPorts: { [INGRESS]: {} } }),
    HostConfig: {
      // Not “Binds”: that would make a folder that is not there, as root, and the program would not be in it.
      Mounts: [
        { Type: 'bind', Source: source, Target: '/app', ReadOnly: true },
        ...WRITABLE.map((name) => ({
          Type: 'bind' as const,
          Source: `${source}/${name}`,
          Target: `/app/${name}`,
          ReadOnly: false,
        })),
      ],
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': 'rw,nosuid,nodev,size=64m,mode=1777' },
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: limits.memoryMb * MIB,
      // The same as Memory: no swap besides.
      MemorySwap: limits.memoryMb * MIB,
      NanoCpus: Math.round(limits.cpus * 1e9),
      PidsLimit: limits.processes,
      Init: true,
      NetworkMode: 'bridge',
      ExtraHosts: [`${CONTAINER_HOST}:host-gateway`],
      ...(ingressPort === undefined
        ? {}
        : { PortBindings: { [INGRESS]: [{ HostPort: String(ingressPort) }] } }),
      // Its output is read as it comes; a second copy would fill the disk.
      LogConfig: { Type: 'none', Config: {} },
      RestartPolicy: { Name: 'no' },
      // It is looked at when it has ended, then removed.
      AutoRemove: false,
    },
  };
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

/** Inside, `localhost` is the container: a broker on this machine is reached at the machine's name. */
function reachingOut(env: Record<string, string>): Record<string, string> {
  return env.MQTTENDPOINT !== undefined && LOOPBACK.test(env.MQTTENDPOINT)
    ? { ...env, MQTTENDPOINT: CONTAINER_HOST }
    : env;
}
