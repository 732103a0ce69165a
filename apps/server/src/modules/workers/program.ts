import { lstat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Limits, recordVariable, type ServerJson, type WorkerStart } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { VENV } from './install/packages.js';
import { languageOf } from './languages.js';
import { CERTS } from './layout.js';
import { heapLimit } from './runtimes/environment.js';
import type { OnLine, Program, Runtime } from './runtimes/types.js';

/** What published Python modules assume about port 8883 does not hold when another one is configured: the SDK reads this. */
const STANDARD_PORT = 8883;

/** Where a program is, and what it runs in. */
interface Place {
  folder: string;
  runtime: Runtime;
  info: { worker: string; limits: Limits; ingressPort: number | undefined };
}

/** Writes the files a worker expects and makes its command line and environment (PGC section 2). */
export async function prepareProgram(
  app: FastifyInstance,
  place: Place,
  serverJson: ServerJson,
  start: WorkerStart,
  onLine: OnLine,
): Promise<Program> {
  const { folder, runtime, info } = place;
  const certs = join(folder, CERTS);
  await Promise.all([
    writeFile(join(certs, 'AmazonRootCA1.pem'), start.caCert),
    writeFile(join(certs, 'iot.crt'), start.iotCert),
    writeFile(join(certs, 'private.key'), start.iotPrivateKey, { mode: 0o600 }),
  ]);
  await runtime.adopt(certs);
  const language = languageOf(serverJson);
  const { port } = brokerOf(app);
  return {
    worker: info.worker,
    folder,
    language,
    command: language === 'python3' ? await pythonOf(place) : runtime.interpreter(language),
    args: [...(language === 'node' ? [heapLimit(info.limits.memoryMb)] : []), `./${serverJson.executable}`],
    limits: info.limits,
    prewarmed: true,
    ingressPort: info.ingressPort,
    env: {
      STAGE: start.stage,
      MQTTENDPOINT: start.iotHost,
      NODESERVER: recordVariable(start.nodeServer),
      PYTHONUNBUFFERED: '1',
      ...(port === STANDARD_PORT ? {} : { MQTTPORT: String(port) }),
    },
    onLine,
  };
}

/** The broker as workers reach it. */
export const brokerOf = ({ endpoints, mqtt: { broker } }: FastifyInstance): BrokerPlace => ({
  host: endpoints.brokerHost,
  port: broker?.port ?? STANDARD_PORT,
  embedded: broker?.kind === 'embedded',
});

interface BrokerPlace {
  host: string;
  port: number;
  /** It runs inside the service: on this machine. */
  embedded: boolean;
}

/** Its virtual environment's, where it was installed with one. */
async function pythonOf({ folder, runtime }: Place): Promise<string> {
  const inside = join(VENV, 'bin', 'python3');
  const made = await lstat(join(folder, inside)).catch(() => undefined);
  return made === undefined ? runtime.interpreter('python3') : join(runtime.appFolder(folder), inside);
}
