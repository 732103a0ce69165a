import { access, constants } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { codeOf, messageOf } from '#core/errors.js';

const DEFAULT_SOCKET = '/var/run/docker.sock';

/** Docker answers at once, or not at all. */
const PING_MS = 3000;

/**
 * Finds Docker's engine.
 * @param host as DOCKER_HOST has it: `unix:///…` or `tcp://host:port`; without it the usual socket
 * @returns its client, or why there is none and what to do about it
 */
export async function connectDocker(host: string | undefined): Promise<Docker | string> {
  const address = host ?? `unix://${DEFAULT_SOCKET}`;
  if (!URL.canParse(address) || !/^(unix|tcp|http):/.test(address))
    return `DOCKER_HOST is “${address}”: this service can use unix:///path and tcp://host:port.`;
  const { protocol, pathname, hostname, port } = new URL(address);
  const isSocket = protocol === 'unix:';
  const problem = isSocket ? await socketProblem(pathname) : undefined;
  if (problem !== undefined) return problem;
  // Only where there is a Docker: it brings much that takes time and memory to load.
  const { default: Client } = await import('dockerode');
  const docker = isSocket
    ? new Client({ socketPath: pathname })
    : new Client({ protocol: 'http', host: hostname, port: port || '2375' });
  try {
    await Promise.race([docker.ping(), timeout()]);
    return docker;
  } catch (error) {
    return `Docker does not answer at ${address} (${messageOf(error)}). Is its service running?`;
  }
}

async function timeout(): Promise<never> {
  await delay(PING_MS, undefined, { ref: false });
  throw new Error(`no answer in ${PING_MS / 1000} s`);
}

async function socketProblem(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return codeOf(error) === 'EACCES'
      ? `The service’s user may not use Docker (${path}): add it to the group “docker”. That makes it as powerful as root.`
      : `There is no Docker here (${path}): install it, or say where it is with DOCKER_HOST.`;
  }
}
