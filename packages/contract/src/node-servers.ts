import { z } from 'zod';
import { Id, Timestamp } from './common.js';
import { PollSeconds, ServerJson } from './server-json.js';
import { Inbound, Installation, Limits, Release, RuntimeName, UpdateRequest } from './workers.js';

/** A home controller (ISY). `uuid` is written like a MAC address, `00:21:b9:02:45:1b`. */
export const Controller = z
  .object({
    id: Id,
    uuid: z.string(),
    name: z.string(),
    version: z.string(),
    createdAt: Timestamp,
    slotsUsed: z.array(z.number().int()),
  })
  .meta({ id: 'Controller' });
export type Controller = z.infer<typeof Controller>;

export const ControllerRequest = z.object({
  name: z.string().trim().min(1, 'Give the controller a name').max(100),
  uuid: z
    .string()
    .toLowerCase()
    .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, 'Write the controller’s id like 00:21:b9:02:45:1b')
    .optional(),
  version: z.string().trim().max(20).optional(),
});
export type ControllerRequest = z.infer<typeof ControllerRequest>;

/** A node server's place on its controller. */
export const Slot = z.number().int().min(1, 'Slots are 1 to 25').max(25, 'Slots are 1 to 25');

/** The worker's lifecycle; the same words in API, database and dashboard. */
export const WorkerState = z.enum([
  'stopped',
  'installing',
  'starting',
  'connected',
  'silent',
  'stopping',
  'crashed',
  'deleting',
]);
export type WorkerState = z.infer<typeof WorkerState>;

/** From the most to the least talkative. */
export const LogLevel = z.enum(['debug', 'info', 'warning', 'error']);
export type LogLevel = z.infer<typeof LogLevel>;

const GitSource = z.strictObject({
  git: z.url({ protocol: /^https$/, error: 'Write an https:// URL of a git repository' }).max(500),
  ref: UpdateRequest.shape.ref,
});

const FolderSource = z.strictObject({
  folder: z.string().trim().min(1, 'Write the path of a folder').max(1000),
});

export const Source = z.union([GitSource, FolderSource, z.strictObject({ archive: z.string() })]);
export type Source = z.infer<typeof Source>;

/** What the provider's console gave the user; `url` ends in `state=` (PGC section 6). */
export const OAuthClient = z.object({
  url: z
    .url({ protocol: /^https?$/, error: 'Write the provider’s authorization URL' })
    .max(2000)
    .refine((url) => /[?&]state=$/.test(url), 'Must end in “state=”: the worker’s id is appended to it'),
  clientId: z.string().min(1, 'Copy the client id from the provider’s console').max(500),
  clientSecret: z.string().max(500).default(''),
});
export type OAuthClient = z.input<typeof OAuthClient>;

/** `POST /api/node-servers`. As multipart: field `request` with this JSON and file `archive` (zip). */
export const NodeServerRequest = z.object({
  serverJson: ServerJson,
  source: Source.optional(),
  controllerId: Id.optional(),
  /** The lowest free slot when left out. */
  slot: Slot.optional(),
  runtime: RuntimeName.optional(),
  limits: Limits.optional(),
  oauth: OAuthClient.optional(),
  customParams: z.record(z.string(), z.unknown()).optional(),
  /** Start it at once (default true). */
  start: z.boolean().default(true),
});
export type NodeServerRequest = z.input<typeof NodeServerRequest>;

/** `PATCH /api/node-servers/{id}`; `oauth: null` removes the provider. An empty clientSecret keeps the stored one. */
export const NodeServerChange = z.object({
  name: z.string().trim().min(1).max(100).optional(),
  /** Where its program is from now on: it is installed from there at the next start. */
  source: z.union([GitSource, FolderSource]).optional(),
  slot: Slot.optional(),
  runtime: RuntimeName.optional(),
  limits: Limits.optional(),
  oauth: OAuthClient.nullable().optional(),
  development: z.boolean().optional(),
  /** Whether inbound traffic is let through to it; a running worker needs a restart for it. */
  ingress: z.boolean().optional(),
  /** Runtime `local` alone: the port your own worker is reached at. */
  ingressPort: z
    .number('Write a port from 1 to 65535')
    .int('Write a port from 1 to 65535')
    .min(1, 'Write a port from 1 to 65535')
    .max(65_535, 'Write a port from 1 to 65535')
    .nullable()
    .optional(),
  logLevel: LogLevel.optional(),
});
export type NodeServerChange = z.input<typeof NodeServerChange>;

/** A scalar as the worker sent it: number or string is kept, because old modules compare with what they sent. */
export const DriverScalar = z.union([z.string(), z.number()]);
export type DriverScalar = z.infer<typeof DriverScalar>;

export const Driver = z.object({ value: DriverScalar, uom: DriverScalar, changedAt: Timestamp });
export type Driver = z.infer<typeof Driver>;

export const Node = z
  .object({
    address: z.string(),
    name: z.string(),
    nodedefId: z.string(),
    primary: z.string(),
    isPrimary: z.boolean(),
    isController: z.boolean(),
    hint: z.string().nullable(),
    timeAdded: Timestamp,
    drivers: z.record(z.string(), Driver),
  })
  .meta({ id: 'Node' });
export type Node = z.infer<typeof Node>;

/** The provider link inside a notice, when there is one: opens through `/api/oauth/start`. */
export const Notice = z
  .object({
    key: z.string(),
    /** Sanitised HTML; provider links already point to `/api/oauth/start`. */
    html: z.string(),
    /** The same as plain text. */
    text: z.string(),
    /** Path of the sign-in link, or null when the notice asks for no sign-in. */
    signInUrl: z.string().nullable(),
    /** Host of the provider the sign-in goes to. */
    provider: z.string().nullable(),
    raisedAt: Timestamp,
  })
  .meta({ id: 'Notice' });
export type Notice = z.infer<typeof Notice>;

/** `ref`: branch or tag of the newer version; null when it is on the default branch, or in a zip. */
export const AvailableUpdate = z.object({ version: z.string(), ref: z.string().nullable() });
export type AvailableUpdate = z.infer<typeof AvailableUpdate>;

export const NodeServerSummary = z
  .object({
    id: Id,
    controllerId: Id,
    controllerName: z.string(),
    slot: Slot,
    name: z.string(),
    worker: z.string(),
    language: z.string(),
    version: z.string(),
    runtime: RuntimeName,
    state: WorkerState,
    /** Why it is in that state, in words for the user: the crash's reason, the step of the installation. */
    stateReason: z.string(),
    connected: z.boolean(),
    timeAdded: Timestamp,
    timeStarted: Timestamp.nullable(),
    lastDisconnect: Timestamp.nullable(),
    /** When anything about it last changed. */
    changedAt: Timestamp,
    noticeCount: z.number().int(),
    nodeCount: z.number().int(),
    /** When a sign-in was last completed through the relay. */
    linkedAt: Timestamp.nullable(),
    /** The store's entry it was installed from. */
    catalogueEntry: z.string().nullable(),
    /** A newer version that the store has of it. */
    updateAvailable: AvailableUpdate.nullable(),
  })
  .meta({ id: 'NodeServerSummary' });
export type NodeServerSummary = z.infer<typeof NodeServerSummary>;

/**
 * How the outside reaches a worker, as it is told in `netInfo` (PGC section 7). `port` is null while there is none.
 * `inbound` and `note` are those of its runtime.
 */
export const Ingress = z
  .object({
    host: z.string(),
    ip: z.string(),
    port: z.number().int().nullable(),
    inbound: Inbound,
    note: z.string(),
  })
  .meta({ id: 'Ingress' });
export type Ingress = z.infer<typeof Ingress>;

export const NodeServer = NodeServerSummary.extend({
  description: z.string(),
  docs: z.string(),
  credits: z.array(z.record(z.string(), z.unknown())),
  source: Source.nullable(),
  limits: Limits,
  /** What runs now, and what ran before it: null before the first installation. */
  installed: Release.nullable(),
  previous: Release.nullable(),
  /** The newest installation or update; null before the first. */
  installation: Installation.nullable(),
  /** The worker's start URL: its address and secret in one. */
  pgUrl: z.string(),
  shortPoll: z.number().int(),
  longPoll: z.number().int(),
  customParams: z.record(z.string(), z.unknown()),
  /** Sanitised HTML by key; more about each at `…/notices`. */
  notices: z.record(z.string(), z.string()),
  nodes: z.record(z.string(), Node),
  /** The provider as configured; the secret is never shown. */
  oauth: z.object({ url: z.string(), clientId: z.string(), hasClientSecret: z.boolean() }).nullable(),
  /** What to enter as redirect URI in the provider's console. */
  redirectUri: z.string(),
  development: z.boolean(),
  /** Null while inbound traffic is switched off. */
  ingress: Ingress.nullable(),
  /** Lines of its worker below this level are not kept. */
  logLevel: LogLevel,
}).meta({ id: 'NodeServer' });
export type NodeServer = z.infer<typeof NodeServer>;

export const PollsRequest = z.object({ shortPoll: PollSeconds, longPoll: PollSeconds });
export type PollsRequest = z.input<typeof PollsRequest>;

export const CustomParams = z.record(z.string().min(1).max(200), z.unknown());
export type CustomParams = z.infer<typeof CustomParams>;

/** PGC section 1: `address` ≤ 14 of `[a-z0-9_]`. */
export const NodeAddress = z
  .string()
  .regex(/^[a-z0-9_]{1,14}$/, 'A node address has 1 to 14 of a–z, 0–9 and _');

/** Driver names: `ST`, `GV0`, `CLITEMP` … */
export const DriverName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,15}$/, 'A driver name is upper case, such as ST or GV1');

export const NodeCommand = z.object({
  cmd: z.string().regex(/^[A-Za-z0-9_]{1,40}$/, 'A command is a word such as DON'),
  value: DriverScalar.optional(),
  uom: DriverScalar.optional(),
  /** Named parameters, `{ "RAMP.uom25": "3" }`; sent as `query`. */
  params: z.record(z.string(), DriverScalar).optional(),
});
export type NodeCommand = z.infer<typeof NodeCommand>;

/** 202 of a command: it was handed to the worker (`delivered`), or the worker was not there to take it. */
export const CommandAnswer = z.object({ delivered: z.boolean(), requestId: z.string() });
export type CommandAnswer = z.infer<typeof CommandAnswer>;

/** Samples of one driver for a plot; times in ms since 1970, `values[i]` at `times[i]`. */
export const DriverHistory = z.object({
  times: z.array(z.number()),
  values: z.array(z.number().nullable()),
  uom: z.string(),
});
export type DriverHistory = z.infer<typeof DriverHistory>;

/** One line of a worker's log; `n` counts up from 1 for each node server. */
export const LogLine = z.object({
  n: z.number().int(),
  at: Timestamp,
  /** What the worker printed, what it sent over MQTT, and what the service says about it. */
  stream: z.enum(['stdout', 'stderr', 'mqtt', 'service']),
  level: LogLevel,
  text: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;

/** A part of a log, oldest line first; what is before and after it is asked for by the numbers of its ends. */
export const LogPage = z.object({
  lines: z.array(LogLine),
  /** There may be older or newer lines that match. */
  hasOlder: z.boolean(),
  hasNewer: z.boolean(),
  /** For a jump to a time: the first line that is not older. */
  found: z.number().int().nullable(),
});
export type LogPage = z.infer<typeof LogPage>;

/** Sent to those who follow a log when it changes: whether the worker writes more than is kept. */
export const LogStatus = z.object({
  flood: z
    .object({
      /** Lines that came in the last second, and how many of them were not kept. */
      linesPerSecond: z.number().int(),
      dropped: z.number().int(),
    })
    .nullable(),
});
export type LogStatus = z.infer<typeof LogStatus>;
