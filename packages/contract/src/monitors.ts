import { z } from 'zod';
import { Id, PageQuery, page, Timestamp } from './common.js';
import { Operation } from './events.js';

/** Bounds of a monitor’s settings (push protocol section 1). */
export const BATCH_SIZE = { min: 1, max: 1000, default: 100 } as const;
/** Seconds; 0: do not wait. */
export const BATCH_DURATION = { min: 0, max: 86_400, default: 10 } as const;
/** Milliseconds; 0 means 5000. */
export const HTTP_TIMEOUT = { min: 0, max: 60_000, default: 0, meaning: 5000 } as const;
export const MAX_MONITOR_TOPICS = 50;
/** Longest `topic`, `schemaData`. */
export const MAX_MONITOR_TOPIC = 2000;
export const MAX_SCHEMA_DATA = 65_536;
/** An HTTP monitor without a success for so long is disabled. */
export const DISABLED_AFTER_MS = 24 * 3_600_000;

/** A monitor’s id is a small number: it stands in frames, as u32, and clients read it as a signed one. */
export const MonitorId = z.coerce.number().int().min(1).max(2_147_483_647);

/** How events reach the application. */
export const TransportType = z.enum(['tcp', 'http', 'polling'], 'Use tcp, http or polling');
export type TransportType = z.infer<typeof TransportType>;

export const FormatType = z.enum(['json', 'xml'], 'Use json or xml');
export type FormatType = z.infer<typeof FormatType>;

export const Compression = z.enum(['none', 'zlib'], 'Use none or zlib');
export type Compression = z.infer<typeof Compression>;

/** `off`: a block counts as delivered once it is written; `explicit`: once the client acknowledged it. */
export const AckOption = z.enum(['off', 'explicit'], 'Use off or explicit');
export type AckOption = z.infer<typeof AckOption>;

export const TransportMethod = z.enum(['PUT', 'POST'], 'Use PUT or POST');
export type TransportMethod = z.infer<typeof TransportMethod>;

/** How the payload is made: the standard document, or a Handlebars template of the user’s. */
export const SchemaType = z.enum(['handlebars'], 'Use handlebars, or leave it out for the standard document');
export type SchemaType = z.infer<typeof SchemaType>;

/**
 * - `CONNECTING`: HTTP; its server has not answered yet, or not lately
 * - `ACTIVE`: a session is open, or the HTTP server answers; polling ones always, because nobody has to connect
 * - `INACTIVE`: nobody is connected, and what happens meanwhile is not kept for it
 * - `SUSPENDED`: nobody is connected; it goes on where it was
 * - `DISABLED`: HTTP; without a success for 24 hours. Changing the monitor starts it again
 */
export const MonitorStatus = z.enum(['CONNECTING', 'ACTIVE', 'INACTIVE', 'SUSPENDED', 'DISABLED']);
export type MonitorStatus = z.infer<typeof MonitorStatus>;

const seconds = (bounds: { min: number; max: number }) =>
  z
    .number('Write a number of seconds')
    .int('Write whole seconds')
    .min(bounds.min, `Use ${bounds.min} or more seconds`)
    .max(bounds.max, `Use at most ${bounds.max} seconds`);
const timeout = z
  .number('Write a number of milliseconds')
  .int('Write whole milliseconds')
  .min(HTTP_TIMEOUT.min, 'Use 0 or more milliseconds')
  .max(HTTP_TIMEOUT.max, `Use at most ${HTTP_TIMEOUT.max} milliseconds`);
const headerText = z
  .string('Write a text')
  .max(2000, 'Use at most 2000 characters')
  .regex(/^\P{Cc}*$/u, 'Leave out control characters');

/** What a user chooses of a monitor. Topics are checked by the grammar of `@polyrelay/codecs/push-topic`. */
const Fields = z.object({
  /** Comma-separated topics, as they were written: found again by the same text. */
  topic: z
    .string('Name the topics to watch, such as DeviceCore,DataPoint')
    .min(1, 'Name the topics to watch, such as DeviceCore,DataPoint')
    .max(MAX_MONITOR_TOPIC, `Use at most ${MAX_MONITOR_TOPIC} characters`),
  transportType: TransportType,
  formatType: FormatType,
  batchSize: z
    .number('Write a number of events')
    .int('Write a whole number of events')
    .min(BATCH_SIZE.min, 'Use 1 or more events')
    .max(BATCH_SIZE.max, 'Use at most 1000 events'),
  batchDuration: seconds(BATCH_DURATION),
  compression: Compression,
  ackOption: AckOption,
  autoReplayOnConnect: z.boolean(),
  description: z.string().max(1000, 'Use at most 1000 characters'),
  schemaType: SchemaType.nullable(),
  schemaData: z.string().max(MAX_SCHEMA_DATA, `Use at most ${MAX_SCHEMA_DATA} characters`),
  /** HTTP only, the following too. */
  transportUrl: z.string('Write a URL').max(2000, 'Use at most 2000 characters'),
  /** `user:password` for HTTP Basic; kept encrypted, never shown. Null: none. */
  transportToken: headerText.nullable(),
  transportMethod: TransportMethod,
  /** Further headers, by name. */
  transportHeaders: z
    .record(
      z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'A header has a name such as X-Source'),
      headerText,
    )
    .refine((headers) => Object.keys(headers).length <= 20, 'Use at most 20 headers'),
  connectTimeout: timeout,
  responseTimeout: timeout,
});

/** The same, with what is meant where something is left out. */
export const MonitorSettings = Fields.extend({
  transportType: Fields.shape.transportType.default('tcp'),
  formatType: Fields.shape.formatType.default('json'),
  batchSize: Fields.shape.batchSize.default(BATCH_SIZE.default),
  batchDuration: Fields.shape.batchDuration.default(BATCH_DURATION.default),
  compression: Fields.shape.compression.default('none'),
  ackOption: Fields.shape.ackOption.default('off'),
  autoReplayOnConnect: Fields.shape.autoReplayOnConnect.default(false),
  description: Fields.shape.description.default(''),
  schemaType: Fields.shape.schemaType.default(null),
  schemaData: Fields.shape.schemaData.default(''),
  transportUrl: Fields.shape.transportUrl.default(''),
  transportToken: Fields.shape.transportToken.default(null),
  transportMethod: Fields.shape.transportMethod.default('PUT'),
  transportHeaders: Fields.shape.transportHeaders.default({}),
  connectTimeout: Fields.shape.connectTimeout.default(HTTP_TIMEOUT.default),
  responseTimeout: Fields.shape.responseTimeout.default(HTTP_TIMEOUT.default),
});
export type MonitorSettings = z.output<typeof MonitorSettings>;

/** `POST /api/monitors`. */
export const MonitorRequest = MonitorSettings;
export type MonitorRequest = z.input<typeof MonitorRequest>;

/** `PATCH /api/monitors/{id}`: any change ends its session and starts a disabled one again. */
export const MonitorChange = Fields.partial();
export type MonitorChange = z.infer<typeof MonitorChange>;

/** How many events wait for a monitor, counted up to a bound. */
export const MonitorLag = z.object({
  events: z.number().int(),
  /** There are more: they were not counted to the end. */
  more: z.boolean(),
});
export type MonitorLag = z.infer<typeof MonitorLag>;

/** A monitor as lists show it. */
export const MonitorSummary = z
  .object({
    id: z.number().int(),
    ownerId: Id,
    topic: z.string(),
    description: z.string(),
    transportType: TransportType,
    formatType: FormatType,
    status: MonitorStatus,
    /** Why an HTTP monitor does not get through, in words; else null. */
    statusReason: z.string().nullable(),
    lastConnect: Timestamp.nullable(),
    lastSent: Timestamp.nullable(),
    sentEvents: z.number().int(),
    sentBlocks: z.number().int(),
    sentBytes: z.number().int(),
    /** Events a second over the last minute. */
    rate: z.number(),
    lag: MonitorLag,
    createdAt: Timestamp,
  })
  .meta({ id: 'MonitorSummary' });
export type MonitorSummary = z.infer<typeof MonitorSummary>;

export const Monitor = MonitorSummary.extend({
  ...Fields.omit({ transportToken: true }).shape,
  /** Whether a token is kept. */
  hasTransportToken: z.boolean(),
  /** Signs what HTTP monitors send (HMAC-SHA256); null for other transports. */
  signingSecret: z.string().nullable(),
  /** Address of the client that is connected; null: none. */
  peer: z.string().nullable(),
  /** Customer id of the owner, with which the topics of events begin. */
  customerId: z.number().int(),
}).meta({ id: 'Monitor' });
export type Monitor = z.infer<typeof Monitor>;

/** `GET /api/monitors`. */
export const MonitorQuery = PageQuery.extend({
  /** Part of the topic or the description in any case, or the id. */
  search: z.string().trim().max(100).optional(),
  status: MonitorStatus.optional(),
  sort: z.enum(['id', 'topic', 'lastSent', 'createdAt']).default('id'),
  order: z.enum(['asc', 'desc']).default('asc'),
});
export type MonitorQuery = z.input<typeof MonitorQuery>;
export const MonitorPage = page(MonitorSummary).extend({
  /** Of all that the caller has, whatever is searched for. */
  total: z.number().int(),
});
export type MonitorPage = z.infer<typeof MonitorPage>;

/** One event as monitors send it. */
export const PushedEvent = z
  .object({
    /** With the customer id in front, such as `1210/DeviceCore/7201/0`. */
    topic: z.string(),
    operation: Operation,
    group: z.string(),
    timestamp: Timestamp,
    /** `{ topic, operation, timestamp, group, <Resource>: {…} }`. */
    message: z.record(z.string(), z.unknown()),
    /** Id of the event in the log that it was made of. */
    eventId: z.string(),
    /** The document it makes when it is sent alone, where XML was asked for. */
    xml: z.string().optional(),
  })
  .meta({ id: 'PushedEvent' });
export type PushedEvent = z.infer<typeof PushedEvent>;

/**
 * `POST /api/monitors/preview`: the latest events that topics match; with `after`, those behind that event of the log.
 * One call looks at a bounded number of events.
 */
export const MonitorPreviewRequest = z.object({
  topic: Fields.shape.topic,
  after: z
    .string()
    .regex(/^\d{1,19}$/, '“after” is the id of an event')
    .optional(),
  limit: z.number().int().min(1).max(100).default(20),
  /** With `xml` each event has its document, too. */
  formatType: Fields.shape.formatType.default('json'),
});
export type MonitorPreviewRequest = z.input<typeof MonitorPreviewRequest>;
export const MonitorPreview = z.object({
  /** Newest first. */
  items: z.array(PushedEvent),
  /** Id of the last event that was looked at, for `after` of the next call. */
  last: z.string(),
  /** How many events of the log were looked at. */
  lookedAt: z.number().int(),
});
export type MonitorPreview = z.infer<typeof MonitorPreview>;

/** `POST /api/monitors/check-template`: the payload that a template makes of the latest events that topics match. */
export const MonitorTemplateRequest = z.object({
  topic: Fields.shape.topic,
  formatType: Fields.shape.formatType.default('json'),
  schemaData: Fields.shape.schemaData.min(
    1,
    'Write the template, such as {{#each events}}{{topic}}{{/each}}',
  ),
  /** Events in the payload at the most. */
  limit: z.number().int().min(1).max(10).default(2),
});
export type MonitorTemplateRequest = z.input<typeof MonitorTemplateRequest>;
export const MonitorTemplateResult = z.object({
  /** Null: no event that the topics match was found, so that there is nothing to make it of. */
  payload: z.string().nullable(),
  events: z.number().int(),
});
export type MonitorTemplateResult = z.infer<typeof MonitorTemplateResult>;

/** `GET /api/monitors/devices/{id}`: a node server or thing, by its id (UUID) or by its number. */
export const MonitorDevice = z
  .object({
    id: Id,
    kind: z.enum(['nodeServer', 'thing']),
    name: z.string(),
    /** Stands for it in topics such as `DeviceCore/7201`. */
    deviceId: z.number().int(),
  })
  .meta({ id: 'MonitorDevice' });
export type MonitorDevice = z.infer<typeof MonitorDevice>;

/** What became of a block. */
export const BlockState = z.enum(['sent', 'delivered', 'failed']);
export type BlockState = z.infer<typeof BlockState>;

/** A block that was sent: so many events in one frame or request. */
export const MonitorBlock = z
  .object({
    /** Grows with each block of the monitor. */
    seq: z.number().int(),
    /** As the client sees it; begins again behind 65535. */
    blockId: z.number().int(),
    events: z.number().int(),
    bytes: z.number().int(),
    state: BlockState,
    /** How often it was sent. */
    attempts: z.number().int(),
    /** What went wrong at last, in words. */
    error: z.string().nullable(),
    sentAt: Timestamp,
    deliveredAt: Timestamp.nullable(),
  })
  .meta({ id: 'MonitorBlock' });
export type MonitorBlock = z.infer<typeof MonitorBlock>;

/** `GET /api/monitors/{id}/blocks?before&limit`: newest first. Of quick monitors without acknowledgement not each one is kept. */
export const MonitorBlockQuery = z.object({
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export const MonitorBlockPage = z.object({
  items: z.array(MonitorBlock),
  /** For `before` of the next call; null: there is nothing more. */
  nextSeq: z.number().int().nullable(),
});
export type MonitorBlockPage = z.infer<typeof MonitorBlockPage>;

/** `GET /api/monitors/{id}/blocks/{seq}`: what was in it, made again from the log. */
export const MonitorBlockContent = MonitorBlock.extend({
  /** The payload, not compressed; null: its events are not in the log any more, or the monitor means others now. */
  payload: z.string().nullable(),
});
export type MonitorBlockContent = z.infer<typeof MonitorBlockContent>;

/** `POST /api/monitors/{id}/replay`: what happened since then is sent again, in order, and then what is new. */
export const MonitorReplayRequest = z.object({ from: Timestamp });
export const MonitorReplay = z.object({
  /** Where it begins now: the time of the first event that is sent again; null: there is none. */
  from: Timestamp.nullable(),
  /** Time of the oldest event that the log still has: what was before cannot be sent again. */
  logBegins: Timestamp.nullable(),
  lag: MonitorLag,
});
export type MonitorReplay = z.infer<typeof MonitorReplay>;

/** `POST /api/monitors/{id}/test`: records an event that only this monitor is sent. */
export const MonitorTest = z.object({ eventId: z.string() });
export type MonitorTest = z.infer<typeof MonitorTest>;

/** Payload of the event `monitors/progress`, UPDATE: the monitors of one owner that sent something lately. */
export const MonitorProgress = z.object({
  items: z.array(
    MonitorSummary.pick({
      id: true,
      lastSent: true,
      sentEvents: true,
      sentBlocks: true,
      sentBytes: true,
      rate: true,
    }),
  ),
});
export type MonitorProgress = z.infer<typeof MonitorProgress>;
