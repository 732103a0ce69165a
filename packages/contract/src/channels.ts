import { z } from 'zod';
import { Id, PageQuery, page, Timestamp } from './common.js';

/** Bounds of a channel's settings (flespi section 2). */
export const CHANNEL_NAME = { min: 2, max: 255 } as const;
export const MESSAGES_TTL = { min: 0, max: 2_592_000, default: 86_400 } as const;

/** Greatest body of one POST, in bytes; and greatest single message. */
export const MAX_CHANNEL_BODY_BYTES = 8 * 1024 * 1024;
export const MAX_CHANNEL_MESSAGE_BYTES = 1024 * 1024;
/** How deep a message may be nested. */
export const MAX_CHANNEL_MESSAGE_DEPTH = 64;
/** Greatest `ident`, as `length` counts it: it is a level of an MQTT topic. */
export const MAX_IDENT = 256;

/** A channel's id is a small number: it stands in paths and topics (`/gw/channels/12/messages`). */
export const ChannelId = z.coerce.number().int().min(1).max(2_147_483_647);

export const ChannelName = z
  .string('Give the channel a name, such as “living room”')
  .trim()
  .min(CHANNEL_NAME.min, 'Give the channel a name of at least 2 characters')
  .max(CHANNEL_NAME.max, 'Use at most 255 characters')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'Leave out control characters');

/** For how many seconds messages are kept; 0: only until the next sweep, for who is waiting and for MQTT. */
export const MessagesTtl = z
  .number()
  .int()
  .min(MESSAGES_TTL.min, 'Use 0 or more seconds')
  .max(MESSAGES_TTL.max, 'Use at most 2592000 seconds (30 days)');

/** What a message must not have in its `ident`: it is a level of an MQTT topic. */
export const IDENT_PATTERN = /^[^#+/\p{Cc}\p{Surrogate}]+$/u;

/** Whether a text can be a message's `ident`. */
export const isIdent = (text: string): boolean => text.length <= MAX_IDENT && IDENT_PATTERN.test(text);

/**
 * A custom MQTT topic that feeds a channel: each publish on it, an object or a list, is added. Not below what the
 * service uses itself.
 */
export const FeedTopic = z
  .string()
  .trim()
  .max(200, 'Use at most 200 characters')
  .regex(
    /^[^$/#+\p{Cc}][^#+\p{Cc}]*$/u,
    'A topic is a path such as garden/sensors, without “#”, “+” and a “/” or “$” in front',
  )
  .refine((topic) => !RESERVED_TOPICS.includes(topic.split('/')[0] ?? ''), {
    message: 'This first level is the service’s own. Choose another, such as custom/…',
  });

/** First levels of topics that clients cannot have for themselves. */
export const RESERVED_TOPICS: readonly string[] = [
  'flespi',
  'polyrelay',
  'flashlex',
  'ingress',
  'pubsub',
  'udi',
  'test',
  'prod',
];

/** A channel as lists show it. */
export const ChannelSummary = z
  .object({
    id: z.number().int(),
    ownerId: Id,
    name: z.string(),
    /** False: nothing is added to it; what it holds can be read. */
    enabled: z.boolean(),
    protocolName: z.string(),
    /** Seconds. */
    messagesTtl: z.number().int(),
    /** Key of the oldest message there may be, and of the next one to come: both grow. */
    firstKey: z.number().int(),
    nextKey: z.number().int(),
    /** Messages it holds, and their bytes. */
    messages: z.number().int(),
    messagesSize: z.number().int(),
    lastMessageAt: Timestamp.nullable(),
    createdAt: Timestamp,
  })
  .meta({ id: 'ChannelSummary' });
export type ChannelSummary = z.infer<typeof ChannelSummary>;

export const Channel = ChannelSummary.extend({
  /** MQTT topic that feeds it, if any. */
  topic: z.string().nullable(),
  /** Whatever clients keep here. */
  configuration: z.record(z.string(), z.unknown()),
  /** Where messages are posted and read. */
  uri: z.string(),
}).meta({ id: 'Channel' });
export type Channel = z.infer<typeof Channel>;

/** `POST /api/channels`. */
export const ChannelRequest = z.object({
  name: ChannelName,
  enabled: z.boolean().default(true),
  messagesTtl: MessagesTtl.default(MESSAGES_TTL.default),
  topic: FeedTopic.nullable().default(null),
});
export type ChannelRequest = z.input<typeof ChannelRequest>;

/** `PATCH /api/channels/{id}`. */
export const ChannelChange = z.object({
  name: ChannelName.optional(),
  enabled: z.boolean().optional(),
  messagesTtl: MessagesTtl.optional(),
  topic: FeedTopic.nullable().optional(),
});
export type ChannelChange = z.infer<typeof ChannelChange>;

/** `GET /api/channels`. */
export const ChannelQuery = PageQuery.extend({
  /** Part of the name in any case, or the id. */
  search: z.string().trim().max(100).optional(),
  sort: z.enum(['name', 'id', 'lastMessageAt', 'messages']).default('name'),
  order: z.enum(['asc', 'desc']).default('asc'),
});
export type ChannelQuery = z.input<typeof ChannelQuery>;

export const ChannelPage = page(ChannelSummary).extend({
  /** Of all that the caller has, whatever is searched for. */
  total: z.number().int(),
});
export type ChannelPage = z.infer<typeof ChannelPage>;

/** A message as it is stored: `message` is the JSON object as it came. */
export const ChannelMessage = z
  .object({
    key: z.number().int(),
    ident: z.string(),
    /** Seconds since 1970, as the message says. */
    timestamp: z.number(),
    /** When it was added. */
    at: Timestamp,
    bytes: z.number().int(),
    message: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'ChannelMessage' });
export type ChannelMessage = z.infer<typeof ChannelMessage>;

/** `GET /api/channels/{id}/messages`: newest first, or oldest first with `after`. */
export const ChannelMessageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** Messages with a smaller key (newest first). */
  before: z.coerce.number().int().min(0).optional(),
  /** Messages with a greater key (oldest first); -1 begins at the start. */
  after: z.coerce.number().int().min(-1).optional(),
  /** Expression, see the filters of channels: `battery.level < 20 && ident == "tracker*"`. */
  filter: z.string().max(1000).optional(),
});
export type ChannelMessageQuery = z.input<typeof ChannelMessageQuery>;

/** One call looks at a bounded number of messages: with a filter a page may be short, or empty. */
export const ChannelMessagePage = z.object({
  items: z.array(ChannelMessage),
  /** For `before` or `after` of the next call; null: there is nothing more. */
  nextKey: z.number().int().nullable(),
});
export type ChannelMessagePage = z.infer<typeof ChannelMessagePage>;

/** Answer to adding messages. */
export const Appended = z.object({
  firstKey: z.number().int(),
  lastKey: z.number().int(),
  count: z.number().int(),
});
export type Appended = z.infer<typeof Appended>;

/** `DELETE /api/channels/{id}/messages?before=`: keys below go; without it all. */
export const ChannelDeletionQuery = z.object({ before: z.coerce.number().int().min(0).optional() });

/** Answer to deleting messages: what is below this key is gone. */
export const ChannelDeletion = z.object({ firstKey: z.number().int() });
export type ChannelDeletion = z.infer<typeof ChannelDeletion>;

/**
 * `GET /api/channels/{id}/rate`: messages added in equal spans, oldest first; the last hour when it is left out. Spans
 * are whole minutes: where there are fewer minutes than `points`, there are fewer spans.
 */
export const ChannelRateQuery = z.object({
  from: Timestamp.optional(),
  to: Timestamp.optional(),
  points: z.coerce.number().int().min(1).max(500).default(120),
});
export const ChannelRate = z
  .object({
    from: Timestamp,
    to: Timestamp,
    stepSeconds: z.number(),
    messages: z.array(z.number().int()),
  })
  .meta({ id: 'ChannelRate' });
export type ChannelRate = z.infer<typeof ChannelRate>;

/**
 * Who reads a channel: one client with one credential. What it last asked for tells how far it is; `lag` is how many
 * messages wait for it.
 */
export const ChannelReader = z
  .object({
    id: Id,
    /** Of its access token, or its user's e-mail address. */
    name: z.string(),
    /** Its User-Agent. */
    agent: z.string(),
    /** Next key it wants. */
    currKey: z.number().int(),
    lag: z.number().int(),
    /** Messages a second it was given over the last minute. */
    rate: z.number(),
    /** It is waiting for the next message now. */
    waiting: z.boolean(),
    /** It deletes what it has read. */
    deletes: z.boolean(),
    lastReadAt: Timestamp,
  })
  .meta({ id: 'ChannelReader' });
export type ChannelReader = z.infer<typeof ChannelReader>;
export const ChannelReaders = z.object({ items: z.array(ChannelReader) });
export type ChannelReaders = z.infer<typeof ChannelReaders>;

/** Payload of the event `channels/{id}/messages`, INSERTION. */
export const ChannelAppended = z.object({
  firstKey: z.number().int(),
  lastKey: z.number().int(),
  count: z.number().int(),
  bytes: z.number().int(),
});
export type ChannelAppended = z.infer<typeof ChannelAppended>;

/** MQTT topics of channels (flespi section 3). */
export const channelTopics = {
  message: (id: number, ident: string) => `flespi/message/gw/channels/${id}/${ident}`,
  state: (id: number, field: string) => `flespi/state/gw/channels/${id}/${field}`,
  /** What is published here is added to the channel, whatever its `topic` is. */
  feed: (id: number) => `polyrelay/channels/${id}`,
  /** The same as a channel's `topic`, with an outside broker, which does not tell who published. */
  userFeed: (userId: string, topic: string) => `polyrelay/users/${userId}/${topic}`,
};

/** The channel that an event below `channels/{id}` is about. */
export const channelOfEvent = ({ topic }: { topic: string }): number => Number(topic.split('/')[1]);

/** Of what an MQTT filter below `flespi/` is: messages or states, of one channel or all of one's own. */
export interface ChannelFilter {
  kind: 'message' | 'state';
  id: number | 'all';
}

const CHANNEL_FILTER = /^flespi\/(message|state)\/gw\/channels\/(?:(#)$|(?:(\+)|([1-9]\d{0,9}))\/)/;

/** Reads a filter such as `flespi/message/gw/channels/+/+` or `…/12/#`. @returns undefined when it is not one */
export function channelFilter(filter: string): ChannelFilter | undefined {
  const match = CHANNEL_FILTER.exec(filter);
  if (match === null) return undefined;
  const [, kind, , , digits] = match;
  const id = digits === undefined ? 'all' : idOf(digits);
  return id === undefined ? undefined : { kind: kind as ChannelFilter['kind'], id };
}

/** The channel that a topic such as `polyrelay/channels/12` feeds. @returns undefined when it is not one */
export function fedChannel(topic: string): number | undefined {
  const digits = /^polyrelay\/channels\/([1-9]\d{0,9})$/.exec(topic)?.[1];
  return digits === undefined ? undefined : idOf(digits);
}

/** Undefined for what is no id, because it is too great. */
const idOf = (digits: string): number | undefined => ChannelId.safeParse(digits).data;
