import type { FastifyInstance } from 'fastify';
import { brokerOf } from '../program.js';
import { AppMount } from './app-mount.js';
import { DockerRuntime } from './docker/docker.js';
import { ProcessRuntime } from './process.js';
import { SandboxRuntime } from './sandbox/sandbox.js';
import type { Runtime } from './types.js';

/** Finds out which runtimes work on this machine, and says so where node servers are registered. */
export async function availableRuntimes(app: FastifyInstance): Promise<Runtime[]> {
  const { dataDir, docker: settings } = app.config;
  const { host, images, dataDir: dockerDataDir } = settings;
  const { runtimes: choices } = app.nodeServers;
  const [mount, sandbox, docker] = await Promise.all([
    AppMount.detect(dataDir, app.logger),
    SandboxRuntime.detect({ dataDir, broker: () => brokerOf(app), spares: app.config.spareWorkers }),
    DockerRuntime.detect({ host, images, dataDir, dockerDataDir }),
  ]);
  const runtimes: Runtime[] = [new ProcessRuntime(mount)];
  if (typeof sandbox === 'string') choices.refuse('sandbox', sandbox);
  else runtimes.push(sandbox);
  if (typeof docker === 'string') choices.refuse('docker', docker);
  else runtimes.push(docker);
  for (const { name, inbound, inboundNote } of runtimes) choices.offer(name, inbound, inboundNote);
  return runtimes;
}
