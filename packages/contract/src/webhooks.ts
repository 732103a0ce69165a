import { z } from 'zod';
import { Timestamp } from './common.js';

/** The webhook URL of a node server, `GET` and `POST /api/node-servers/{id}/webhook`. */
export const Webhook = z
  .object({
    /** Whoever has it may call it: its path is the secret. */
    url: z.string(),
    /** Who takes what comes now: the worker's `onWebhook`, the port it listens on, or nobody. */
    takenBy: z.enum(['worker', 'ingress', 'nobody']),
    /** How many came so far, and when the last one did. */
    count: z.number().int(),
    lastAt: Timestamp.nullable(),
    renewedAt: Timestamp,
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof Webhook>;

/** A webhook on its way to a worker. Names of headers are lower case; `path` begins with `/` or is empty. */
export interface WireWebhook {
  id: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  /** A key that stands several times has a list. */
  query: Record<string, string | string[]>;
  /** UTF-8 text; other bytes in base64, with `encoding`. */
  body: string;
  encoding?: 'base64';
}

/** Greatest body of a webhook's answer, in bytes. */
export const MAX_WEBHOOK_ANSWER_BYTES = 256 * 1024;

/** A worker's answer to a webhook. `status` is 200 when left out; bytes go in base64, with `encoding`. */
export const WireWebhookResponse = z.looseObject({
  id: z.string(),
  status: z.number().int().min(200, 'A status is 200 to 599').max(599, 'A status is 200 to 599').default(200),
  headers: z
    .record(
      z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, 'Not the name of a header'),
      z
        .union([z.string(), z.number()])
        .transform(String)
        .pipe(
          z
            .string()
            .regex(/^[\t\x20-\x7e]{0,4096}$/, 'A header is at most 4096 characters of ASCII, on one line'),
        ),
    )
    .refine((headers) => Object.keys(headers).length <= 50, 'At most 50 headers')
    .default({}),
  body: z
    .string()
    .max((MAX_WEBHOOK_ANSWER_BYTES * 4) / 3 + 4, 'At most 256 KiB')
    .default(''),
  encoding: z.literal('base64').optional(),
});
export type WireWebhookResponse = z.input<typeof WireWebhookResponse>;
