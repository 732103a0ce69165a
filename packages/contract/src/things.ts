import { z } from 'zod';
import { Id, PageQuery, page, Timestamp } from './common.js';

/** The part of a thing's name that its owner chooses; the owner's short id is put in front (`ecd13b11-mything`). */
export const ThingLabel = z
  .string('Give the thing a name, such as “greenhouse”')
  .trim()
  .min(1, 'Give the thing a name, such as “greenhouse”')
  .max(50, 'Use at most 50 characters')
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?$/,
    'Use letters, digits, “-” and “_”, with a letter or digit at both ends, such as “greenhouse-2”',
  );

/** What kind of computer it is, in the owner's words (`RaspberryPi`). */
export const ThingType = z.string().trim().max(50, 'Use at most 50 characters');

/** `verified` once its bootstrap has been seen: one collected message and one publish on `flashlex/test`. */
export const ThingStatus = z.enum(['created', 'verified']);
export type ThingStatus = z.infer<typeof ThingStatus>;

/** Whether the private key can still be downloaded; `gone` after its only download: rotate the keys for a new one. */
export const PrivateKeyState = z.enum(['available', 'gone']);
export type PrivateKeyState = z.infer<typeof PrivateKeyState>;

/** A thing as lists show it. */
export const ThingSummary = z
  .object({
    id: Id,
    ownerId: Id,
    /** With the owner's short id in front; the MQTT client id, and the last level of its topics. */
    name: z.string(),
    type: z.string(),
    status: ThingStatus,
    /** False: its certificate and tokens are refused. */
    enabled: z.boolean(),
    /** An MQTT connection stands (embedded broker; an outside one does not tell). */
    connected: z.boolean(),
    /** When it last connected, published or collected. */
    lastSeenAt: Timestamp.nullable(),
    /** Messages collected from it and published to it, ever. */
    collected: z.number().int(),
    published: z.number().int(),
    createdAt: Timestamp,
  })
  .meta({ id: 'ThingSummary' });
export type ThingSummary = z.infer<typeof ThingSummary>;

export const Thing = ThingSummary.extend({
  /** PEM, and its SHA-256 fingerprint in hex. */
  certificate: z.string(),
  certificateId: z.string(),
  publicKey: z.string(),
  privateKey: PrivateKeyState,
  /** The private key stays for more downloads instead of being deleted after the first. */
  keepPrivateKey: z.boolean(),
  keysMadeAt: Timestamp,
  /** What of the bootstrap was seen, and when. */
  bootstrap: z.object({ collectedAt: Timestamp.nullable(), publishedAt: Timestamp.nullable() }),
  topics: z.object({ ingress: z.string(), pubsub: z.string(), egress: z.string(), test: z.string() }),
}).meta({ id: 'Thing' });
export type Thing = z.infer<typeof Thing>;

/** `POST /api/things`. */
export const ThingRequest = z.object({
  name: ThingLabel,
  type: ThingType.default(''),
  keepPrivateKey: z.boolean().default(false),
});
export type ThingRequest = z.input<typeof ThingRequest>;

/** `PATCH /api/things/{id}`. */
export const ThingChange = z.object({
  type: ThingType.optional(),
  enabled: z.boolean().optional(),
  keepPrivateKey: z.boolean().optional(),
});
export type ThingChange = z.infer<typeof ThingChange>;

export const ThingSort = z.enum(['name', 'createdAt', 'lastSeenAt', 'collected', 'published']);
export type ThingSort = z.infer<typeof ThingSort>;

/** `GET /api/things`. */
export const ThingQuery = PageQuery.extend({
  /** Part of the name or type, in any case. */
  search: z.string().trim().max(100).optional(),
  status: z.enum(['created', 'verified', 'disabled', 'connected']).optional(),
  sort: ThingSort.default('name'),
  order: z.enum(['asc', 'desc']).default('asc'),
});
export type ThingQuery = z.input<typeof ThingQuery>;

/** `GET /api/things` answers with a page. */
export const ThingPage = page(ThingSummary);
export type ThingPage = z.infer<typeof ThingPage>;

/** How many things there are: `total` is `created` + `verified`; the others may be either. */
export const ThingCounts = z
  .object({
    total: z.number().int(),
    created: z.number().int(),
    verified: z.number().int(),
    disabled: z.number().int(),
    connected: z.number().int(),
  })
  .meta({ id: 'ThingCounts' });
export type ThingCounts = z.infer<typeof ThingCounts>;

/** `GET /api/things/{id}/distribution`: what the zip holds, before it is downloaded. */
export const Distribution = z
  .object({
    filename: z.string(),
    /** Of the whole zip. */
    bytes: z.number().int(),
    files: z.array(z.object({ name: z.string(), bytes: z.number().int(), about: z.string() })),
    privateKey: PrivateKeyState,
    /** Version of the SDKs inside. */
    version: z.string(),
    /** Downloads it on the thing; `$ACCESS_TOKEN` stands for an access token. */
    curl: z.string(),
    /** Why another machine may not reach the service with it, in words for people. */
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Distribution' });
export type Distribution = z.infer<typeof Distribution>;

/** `GET /api/things/{id}/dist`: the zip. `false` leaves the private key out: to update the software alone. */
export const DistributionQuery = z.object({ privateKey: z.enum(['true', 'false']).default('true') });
export type DistributionQuery = z.input<typeof DistributionQuery>;

/** MQTT topics of a thing (FlashLex sections 2 and 3), by its name. */
export const thingTopics = (name: string) => ({
  /** Messages to it, as the published SDK takes them. */
  ingress: `ingress/${name}`,
  /** The same messages with their ids, {@link WireEnvelope}: a duplicate is known by its id. */
  envelopes: `ingress/${name}/envelopes`,
  /** Its own, to publish and hear. */
  pubsub: `pubsub/${name}`,
  /** Messages from it; the connection says whose. */
  collect: 'flashlex/collect',
  /** The same where the broker does not tell who publishes (outside brokers). */
  ownCollect: `flashlex/collect/${name}`,
  /** The bootstrap publishes here. */
  test: 'flashlex/test',
});

/** One message on {@link thingTopics}`.envelopes`. */
export const WireEnvelope = z.object({ id: Id, at: Timestamp, payload: z.unknown() });
export type WireEnvelope = z.infer<typeof WireEnvelope>;

/** Topic filters of everything things send. */
export const THING_FILTERS = {
  collect: 'flashlex/collect/#',
  test: 'flashlex/test',
} as const;
