import { z } from 'zod';
import { Id, PageQuery, Timestamp } from './common.js';

/** `ingress`: to the thing; `egress`: collected from it. */
export const MessageType = z.enum(['ingress', 'egress']);
export type MessageType = z.infer<typeof MessageType>;

/**
 * What became of a message to a thing: `queued` while it is away, `sent` when the broker handed it over, `delivered`
 * when the thing has acknowledged it (embedded broker, QoS 1). Null for collected ones.
 */
export const MessageState = z.enum(['queued', 'sent', 'delivered']);
export type MessageState = z.infer<typeof MessageState>;

/** Greatest payload of a message, in bytes of JSON, and how deep it may be nested. */
export const MAX_MESSAGE_BYTES = 256 * 1024;
export const MAX_MESSAGE_DEPTH = 64;

/** Longer payloads come shortened in lists: as text of this many characters in `preview`. */
export const PREVIEW_CHARACTERS = 500;

export const Message = z
  .object({
    id: Id,
    thingId: Id,
    type: MessageType,
    at: Timestamp,
    /** Of the payload as JSON. */
    bytes: z.number().int(),
    state: MessageState.nullable(),
    stateAt: Timestamp.nullable(),
    payload: z.unknown(),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;

/** A message as lists show it: the beginning of its payload as JSON text. */
export const MessageSummary = Message.omit({ payload: true })
  .extend({ preview: z.string(), truncated: z.boolean() })
  .meta({ id: 'MessageSummary' });
export type MessageSummary = z.infer<typeof MessageSummary>;

const range = {
  type: MessageType.optional(),
  /** From this moment on, and before that one. */
  from: Timestamp.optional(),
  to: Timestamp.optional(),
};

/** Which messages: of a type, in a time range. */
export const MessageRange = z
  .object(range)
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    message: 'Must be later than “from”',
  });
export type MessageRange = z.infer<typeof MessageRange>;

/** `GET /api/things/{id}/messages`: newest first. */
export const MessageQuery = PageQuery.extend({
  ...range,
  /** Part of the payload's JSON text, in any case. */
  text: z
    .string()
    .max(200)
    .regex(/^[^\0]*$/, 'Leave out the character U+0000')
    .optional(),
});
export type MessageQuery = z.input<typeof MessageQuery>;

/** `POST /api/things/{id}/messages`: JSON as it is, or a text, which arrives as `{"message":{"message":"…"}}`. */
export const MessageRequest = z.union(
  [
    z.strictObject({ text: z.string().min(1, 'Write a message') }),
    z.strictObject({
      payload: z.unknown().refine((value) => value !== undefined, 'Give the payload, any JSON'),
    }),
  ],
  'Send {"text": "…"} or {"payload": …}',
);
export type MessageRequest = z.input<typeof MessageRequest>;

/** `GET /api/things/{id}/messages/rate`: counts in equal spans of the range, oldest first. */
export const MessageRateQuery = z.object({
  from: Timestamp.optional(),
  to: Timestamp.optional(),
  points: z.coerce.number().int().min(1).max(500).default(120),
});
export const MessageRate = z
  .object({
    from: Timestamp,
    to: Timestamp,
    /** Length of each span. */
    stepSeconds: z.number(),
    ingress: z.array(z.number().int()),
    egress: z.array(z.number().int()),
  })
  .meta({ id: 'MessageRate' });
export type MessageRate = z.infer<typeof MessageRate>;

/** `GET /api/things/{id}/messages/count`: before a download or a deletion. */
export const MessageCount = z.object({
  count: z.number().int(),
  bytes: z.number().int(),
  oldest: Timestamp.nullable(),
  newest: Timestamp.nullable(),
});
export type MessageCount = z.infer<typeof MessageCount>;

/** What `DELETE /api/things/{id}/messages` answers. */
export const MessageDeletion = z.object({ deleted: z.number().int() });
export type MessageDeletion = z.infer<typeof MessageDeletion>;
