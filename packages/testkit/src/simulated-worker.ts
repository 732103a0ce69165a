import { isIP, Socket } from 'node:net';
import type { NodeServerRecord, WorkerMessage, WorkerStart } from '@polyrelay/contract';
import mqtt, { type IClientOptions } from 'mqtt';
import { Inbox } from './inbox.js';
import { SimulatedWorker } from './simulated-worker-session.js';

export { Inbox, type Received } from './inbox.js';
export { type SimulatedNode, SimulatedWorker } from './simulated-worker-session.js';

export interface SimulatedWorkerOptions {
  /** The worker's PGURL; or `start`, when its answer is there already. */
  pgUrl?: string | URL;
  start?: WorkerStart;
  /** Where to connect when it is not `iotHost` and 8883. The certificate is still checked against `iotHost`. */
  host?: string;
  port?: number;
  /** `false`: plain TCP without certificates. */
  tls?: boolean;
  /** QoS of publishes and of the subscription; the old modules use 0, the SDK 1 (default). */
  qos?: 0 | 1;
  clientId?: string;
  /** Say `connected: true` as soon as the subscription stands (default). */
  announce?: boolean;
  /** On `stop` say `connected: false` and leave, as every module does (default). */
  obeyStop?: boolean;
}

/** Fetches a PGURL (PGC section 2.1); an answer other than 200 is an error with its status and text. */
export const fetchWorkerStart = async (pgUrl: string | URL): Promise<WorkerStart> => {
  const response = await fetch(pgUrl);
  if (!response.ok) throw new Error(`The PGURL answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as WorkerStart;
};

const tlsOptions = (start: WorkerStart): IClientOptions => ({
  ca: start.caCert,
  cert: start.iotCert,
  key: start.iotPrivateKey,
  rejectUnauthorized: true,
  // SNI carries names only; for an address Node checks the certificate's IP entries by itself.
  ...(isIP(start.iotHost) ? {} : { servername: start.iotHost }),
});

/**
 * The worker's side of the wire, byte by byte and without the SDK (PGC sections 2 to 4): connects as
 * `<worker>_<profileNum>_<userId>` with its certificate and last will, subscribes its topic, collects
 * what comes.
 */
export const simulatedWorker = async (options: SimulatedWorkerOptions): Promise<SimulatedWorker> => {
  const start = options.start ?? (options.pgUrl ? await fetchWorkerStart(options.pgUrl) : undefined);
  if (!start) throw new Error('simulatedWorker needs pgUrl or start');
  const { nodeServer: record, stage } = start;
  const qos = options.qos ?? 1;
  const tls = options.tls ?? true;
  const topic = `${stage}/ns/${record.worker}`;
  const inbox = new Inbox<WorkerMessage>();

  const client = mqtt.connect({
    protocol: tls ? 'mqtts' : 'mqtt',
    host: options.host ?? start.iotHost,
    port: options.port ?? 8883,
    protocolVersion: 4,
    clean: true,
    clientId: options.clientId ?? `${record.worker}_${record.profileNum}_${record.userId}`,
    reconnectPeriod: 0,
    connectTimeout: 5_000,
    will: { topic: `${stage}/ns`, payload: lastWill(record, topic), qos, retain: false },
    ...(tls ? tlsOptions(start) : {}),
  });
  client.on('message', (receivedOn, payload) => {
    inbox.put(receivedOn, JSON.parse(payload.toString('utf8')) as WorkerMessage);
  });
  const worker = new SimulatedWorker(client, start, inbox, qos, options.obeyStop ?? true);
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('The broker closed the connection before accepting it')));
  });
  // Small messages at once, for benches: without it Nagle’s algorithm adds 40 ms.
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  client.on('error', () => {
    // A connection that breaks later is a fact a test asks for with `closed`, not an exception.
  });
  await client.subscribeAsync(topic, { qos });
  if (options.announce ?? true) await worker.connected(true);
  return worker;
};

const lastWill = (record: NodeServerRecord, topic: string): string =>
  JSON.stringify({
    connected: false,
    userId: record.userId,
    topic,
    profileNum: record.profileNum,
    id: record.id,
  });
