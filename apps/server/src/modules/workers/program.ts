import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerJson, WorkerStart } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { EmbeddedBroker } from '#edges/mqtt/embedded.js';
import type { OnLine, Program } from './runtimes/types.js';

/** Linux takes at most 128 KiB in one variable; a larger record goes without its nodes, which come in a config. */
const MAX_RECORD_BYTES = 120_000;

const INTERPRETERS: Record<ServerJson['type'], string> = {
  python3: 'python3',
  python: 'python3',
  node: process.execPath,
};

/** What published Python modules assume about port 8883 does not hold when another one is configured: the SDK reads this. */
const STANDARD_PORT = 8883;

/** Writes the files a worker expects and makes its command line and environment (PGC section 2). */
export async function prepareProgram(
  app: FastifyInstance,
  folder: string,
  serverJson: ServerJson,
  start: WorkerStart,
  onLine: OnLine,
): Promise<Program> {
  const certs = join(folder, 'certs');
  await Promise.all([
    mkdir(certs, { recursive: true, mode: 0o700 }),
    mkdir(join(folder, 'logs'), { recursive: true }),
  ]);
  await Promise.all([
    writeFile(join(certs, 'AmazonRootCA1.pem'), start.caCert),
    writeFile(join(certs, 'iot.crt'), start.iotCert),
    writeFile(join(certs, 'private.key'), start.iotPrivateKey, { mode: 0o600 }),
  ]);
  const port =
    app.mqtt.broker instanceof EmbeddedBroker
      ? app.mqtt.broker.port
      : Number(new URL(app.config.mqtt.url ?? '').port || STANDARD_PORT);
  return {
    folder,
    command: INTERPRETERS[serverJson.type],
    args: [serverJson.executable],
    env: {
      STAGE: start.stage,
      MQTTENDPOINT: start.iotHost,
      NODESERVER: recordText(start),
      PYTHONUNBUFFERED: '1',
      ...(port === STANDARD_PORT ? {} : { MQTTPORT: String(port) }),
    },
    onLine,
  };
}

function recordText(start: WorkerStart): string {
  const text = JSON.stringify(start.nodeServer);
  if (Buffer.byteLength(text) <= MAX_RECORD_BYTES) return text;
  const controllers = Object.entries(start.nodeServer.nodes).filter(([, node]) => node.isController);
  return JSON.stringify({ ...start.nodeServer, nodes: Object.fromEntries(controllers) });
}
