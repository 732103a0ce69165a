import { z } from 'zod';
import { Id } from './common.js';
import { MessageType } from './messages.js';
import { ThingLabel, ThingType } from './things.js';

/** The words of FlashLex's published API (its Swagger file): the service keeps them for clients that know them. */

/** Seconds since 1970. */
const EpochSeconds = z.number().int();

/** UTC without fractions: `2019-05-25T22:45:24Z`. */
const DateCreated = z.string();

const KeyValue = z.object({ key: z.string(), value: z.string() });

/** What every JSON answer is wrapped in. */
export const flashlexAnswer = <T extends z.ZodType>(result: T) =>
  z.object({ status: z.literal('OK'), code: z.literal(200), messages: z.array(KeyValue), result });

/** The same for a refusal; over a limit `result` is {@link FlashlexSubscriptionPolicy}. */
export const FlashlexError = z
  .object({
    status: z.literal('ERROR'),
    /** The HTTP status. */
    code: z.number().int(),
    /** `message`: for people; `code`: for programs; then each wrong value by its path. */
    messages: z.array(KeyValue),
    result: z.looseObject({}),
  })
  .meta({ id: 'FlashlexError' });
export type FlashlexError = z.infer<typeof FlashlexError>;

/** An answer without anything to tell. */
export const FlashlexNothing = z.object({});

/** `POST /v1/things`. */
export const FlashlexThingRequest = z.object({
  thingName: ThingLabel,
  thingType: ThingType.default(''),
});

export const FlashlexThing = z
  .object({
    flthingspk: Id,
    fltimestamp: EpochSeconds,
    datecreated: DateCreated,
    fluserspk: Id,
    thingName: z.string(),
    thingType: z.string(),
    thingDist: z.literal('Python'),
    testStatus: z.enum(['CREATED', 'VERIFIED']),
    /** SHA-256 in hex. */
    certificateId: z.string(),
    certificatePem: z.string(),
    keyPairPublic: z.string(),
  })
  .meta({ id: 'FlashlexThing' });
export type FlashlexThing = z.infer<typeof FlashlexThing>;

export const FlashlexMessage = z
  .object({
    flmessagespk: Id,
    flthingspk: Id,
    fluserspk: Id,
    fltimestamp: EpochSeconds,
    datecreated: DateCreated,
    messagetype: MessageType,
    payload: z.unknown(),
  })
  .meta({ id: 'FlashlexMessage' });
export type FlashlexMessage = z.infer<typeof FlashlexMessage>;

/** The end of the year 9999, which databases still know. */
const MAX_SECONDS = 253_402_300_798;
const seconds = z.coerce
  .number('Give seconds since 1970')
  .int('Give whole seconds since 1970')
  .min(0, 'Give seconds since 1970')
  .max(MAX_SECONDS, 'Give seconds, not milliseconds, since 1970')
  .optional();

/** `GET`, `DELETE /v1/things/{id}/messages`, `GET /v1/things/{id}/archive`: both ends are part of the range. */
export const FlashlexRange = z
  .object({ startts: seconds, endts: seconds, messagetype: MessageType.optional() })
  .refine(({ startts, endts }) => startts === undefined || endts === undefined || startts <= endts, {
    path: ['endts'],
    message: 'Must not be earlier than “startts”',
  });
export type FlashlexRange = z.infer<typeof FlashlexRange>;

/** Answer to `POST /v1/things/{id}/collect`. */
export const FlashlexCollected = z
  .object({ message: z.string(), flthingspk: Id, flmessagespk: Id })
  .meta({ id: 'FlashlexCollected' });
export type FlashlexCollected = z.infer<typeof FlashlexCollected>;

export const FlashlexUser = z
  .object({
    fluserspk: Id,
    fltimestamp: EpochSeconds,
    datecreated: DateCreated,
    emailverified: z.boolean(),
    /** The e-mail address. */
    username: z.string(),
  })
  .meta({ id: 'FlashlexUser' });
export type FlashlexUser = z.infer<typeof FlashlexUser>;

export const FlashlexSubscription = z
  .object({
    flsubscriptionspk: Id,
    fltimestamp: EpochSeconds,
    datecreated: DateCreated,
    fluserspk: Id,
    common_name: z.string(),
    /** The month that is counted. */
    startts: EpochSeconds,
    endts: EpochSeconds,
    flstatus: z.string(),
    product_id: z.string(),
    plan_id: z.string(),
    plan_name: z.string(),
  })
  .meta({ id: 'FlashlexSubscription' });
export type FlashlexSubscription = z.infer<typeof FlashlexSubscription>;

export const FlashlexStatement = z.object({
  Action: z.string(),
  Effect: z.enum(['Allow', 'Deny']),
  Resource: z.string(),
  /** Left out: no limit. */
  AllowedCount: z.number().int().optional(),
  ActualCount: z.number().int().optional(),
});
export type FlashlexStatement = z.infer<typeof FlashlexStatement>;

export const FlashlexSubscriptionPolicy = z
  .object({
    subscription: FlashlexSubscription,
    policy: z.object({ Statement: z.array(FlashlexStatement) }),
  })
  .meta({ id: 'FlashlexSubscriptionPolicy' });
export type FlashlexSubscriptionPolicy = z.infer<typeof FlashlexSubscriptionPolicy>;

/** Answer to `GET /v1/token`, which is not wrapped. */
export const FlashlexLogin = z.object({ accessToken: z.string() }).meta({ id: 'FlashlexLogin' });
