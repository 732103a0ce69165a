/**
 * The wire protocol of published node servers (Polyglot Cloud, “PGC”): topics and messages between
 * the service and its workers. Shapes are as lenient as the published modules are.
 */
import { z } from 'zod';
import { DriverName, DriverScalar, NodeAddress } from './node-servers.js';
import { PollSeconds } from './server-json.js';
import type { WireWebhook } from './webhooks.js';

/** Topics of PGC section 3; `stage` is the prefix, `prod` by default. */
export const pgcTopics = (stage: string) => ({
  /** Everything for one worker. */
  toWorker: (worker: string) => `${stage}/ns/${worker}`,
  /** Node server requests. */
  requests: `${stage}/ns`,
  /** `uploadProfile`, `report`. */
  isy: `${stage}/isy`,
  /** One JSON log record a message. */
  log: (userId: string, worker: string) => `${stage}/frontend/${userId}/logs/${worker}`,
  /** The whole log so far, zlib-compressed. */
  logFile: (userId: string, worker: string) => `${stage}/frontend/${userId}/logs/${worker}/file`,
});

/** Part of every message from a worker. */
export const Envelope = z.looseObject({
  userId: z.string(),
  topic: z.string(),
  profileNum: z.union([z.string(), z.number()]).transform(String),
  id: z.string(),
});
export type Envelope = z.infer<typeof Envelope>;

const WireDriver = z.object({ value: DriverScalar.nullish(), uom: DriverScalar.nullish() });

/** Drivers as an object by name (PGC), or as a list (older node servers). */
export const WireDrivers = z
  .union([
    z.record(DriverName, WireDriver),
    z
      .array(WireDriver.extend({ driver: DriverName }))
      .transform((list) =>
        Object.fromEntries(list.map(({ driver, value, uom }) => [driver, { value, uom }])),
      ),
  ])
  .transform((drivers) =>
    Object.fromEntries(
      Object.entries(drivers).map(([name, driver]) => [
        name,
        { value: driver.value ?? '0', uom: driver.uom ?? '0' },
      ]),
    ),
  );

export const WireAddNode = z.looseObject({
  address: NodeAddress,
  name: z.union([z.string(), z.number()]).transform(String).pipe(z.string().max(200)),
  nodedefid: z.string().min(1).max(100),
  primary: NodeAddress,
  drivers: WireDrivers.default({}),
  isController: z.boolean().default(false),
  hint: z.unknown().optional(),
});
export type WireAddNode = z.infer<typeof WireAddNode>;

export const WireRemoveNode = z.looseObject({ address: NodeAddress });
export const WireStatus = z.looseObject({
  address: NodeAddress,
  driver: DriverName,
  value: DriverScalar,
  uom: DriverScalar,
});
export type WireStatus = z.infer<typeof WireStatus>;

export const WireReportedCommand = z.looseObject({
  address: NodeAddress,
  command: z.string().regex(/^[A-Za-z0-9_]{1,40}$/),
  value: DriverScalar.nullish(),
  uom: DriverScalar.nullish(),
});
export type WireReportedCommand = z.infer<typeof WireReportedCommand>;

const PlainObject = z.record(z.string(), z.unknown());

/** Every command key a worker may send on `<stage>/ns`, with its payload (PGC section 4). */
export const WorkerRequests = {
  connected: z.boolean(),
  addnode: WireAddNode,
  removenode: WireRemoveNode,
  status: WireStatus,
  batch: z.looseObject({
    addnode: z.array(z.unknown()).max(10_000).optional(),
    removenode: z.array(z.unknown()).max(10_000).optional(),
    status: z.array(z.unknown()).max(10_000).optional(),
  }),
  command: WireReportedCommand,
  customparams: PlainObject,
  customdata: PlainObject,
  notices: PlainObject,
  polls: z.looseObject({ shortPoll: PollSeconds, longPoll: PollSeconds }),
  config: z.unknown(),
  restart: z.unknown(),
  /** This worker takes `webhook` messages, until its connection ends. */
  webhooks: z.literal(true),
  /** Answer to a `webhook`; the rest of it is checked against `WireWebhookResponse`. */
  webhookResponse: z.looseObject({ id: z.string().min(1).max(100) }),
} as const;
export type WorkerRequestKey = keyof typeof WorkerRequests;

/** Keys on `<stage>/isy`. `payload` is base64, with or without line breaks. */
export const IsyRequests = {
  uploadProfile: z.looseObject({
    type: z.enum(['nodedef', 'editor', 'nls']),
    filename: z.string().regex(/^[A-Za-z0-9._ -]{1,100}$/, 'A file name without folders'),
    payload: z.string(),
  }),
  report: z.looseObject({
    requestId: z.union([z.string(), z.number()]).transform(String),
    success: z.boolean(),
  }),
} as const;
export type IsyRequestKey = keyof typeof IsyRequests;

/** A node inside the record. */
export interface RecordNode {
  address: string;
  name: string;
  nodedefid: string;
  primary: string;
  isPrimary: boolean;
  isController: boolean;
  drivers: Record<string, { value: DriverScalar; uom: DriverScalar }>;
  hint?: unknown;
  timeAdded: number;
  timeStarted: number;
}

/** The record a worker gets as `NODESERVER`, from its PGURL and in every `config` (PGC section 5). */
export interface NodeServerRecord {
  id: string;
  profileNum: string;
  userId: string;
  worker: string;
  name: string;
  type: 'cloud' | 'local' | 'unmanaged';
  language: string;
  version: string;
  url: string;
  isyUsername: string;
  isyPassword: string;
  isyVersion: string;
  connected: boolean;
  timeAdded: number;
  timeStarted: number;
  lastDisconnect: number;
  firstRun: boolean;
  shortPoll: number;
  longPoll: number;
  customParams: Record<string, unknown>;
  customData: Record<string, unknown>;
  notices: Record<string, unknown>;
  nodes: Record<string, RecordNode>;
  oauth: {
    url?: string;
    clientId?: string;
    clientSecret?: string;
    /** The same client by stage, as published node servers with a store entry of their own look it up. */
    prod?: StageClient;
    test?: StageClient;
  };
  netInfo: {
    publicIp: string;
    publicPort: number;
    publicDns: string;
    /** Where calls over HTTPS come in that reach port 3000 at `/ns/<worker>/…`; ends in a slash. */
    httpsIngress?: string;
  };
  logBucket: string;
  pgUrl: string;
  development: boolean;
}

interface StageClient {
  clientId: string;
  secret: string;
  redirectUrl: string;
}

/** Messages to a worker; several keys may stand in one message. */
export interface WorkerMessage {
  config?: NodeServerRecord;
  result?: { addnode?: AddNodeResult | (AddNodeResult & { statusCode: number })[] };
  command?: {
    address: string;
    cmd: string;
    value?: DriverScalar;
    uom?: DriverScalar;
    query?: Record<string, DriverScalar>;
  };
  query?: { address: string };
  status?: { address: string };
  oauth?: Record<string, string | string[]>;
  polls?: { shortPoll: number; longPoll: number };
  stop?: '';
  delete?: Record<string, never>;
  startLogStream?: { ns: string };
  stopLogStream?: { ns: string };
  clientId?: string;
  /** Sent only to a worker that said `webhooks`: to others the key is unknown, and an error. */
  webhook?: WireWebhook;
  /** Answer to `webhooks`, and again when the URL was renewed. */
  webhooks?: { url: string };
}

export interface AddNodeResult {
  success: boolean;
  address: string;
  reason?: string;
}

/** Answer of the PGURL (PGC section 2). */
export interface WorkerStart {
  nodeServer: NodeServerRecord;
  iotHost: string;
  stage: string;
  iotCert: string;
  iotPrivateKey: string;
  caCert: string;
  /** Port of the broker; published modules have 8883 built in. Answers of other services do not carry it. */
  mqttPort?: number;
}

/** Linux takes at most 128 KiB in one variable. */
const MAX_VARIABLE_BYTES = 120_000;

/** The variable NODESERVER: a record too large for it goes without its nodes, which come in a config. */
export function recordVariable(record: NodeServerRecord): string {
  const text = JSON.stringify(record);
  if (new TextEncoder().encode(text).length <= MAX_VARIABLE_BYTES) return text;
  const controllers = Object.entries(record.nodes).filter(([, node]) => node.isController);
  return JSON.stringify({ ...record, nodes: Object.fromEntries(controllers) });
}
