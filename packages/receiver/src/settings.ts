import { z } from 'zod';
import { ReceiverError } from './errors.js';

const seconds = z.number().min(0.01).max(86_400);

/** How a handler is tried: may stand with the receiver's own settings, for all handlers, and with each handler. */
const trying = {
  handleTimeout: seconds.describe('seconds a handler may take for a batch (60)'),
  retries: z
    .number()
    .int()
    .min(0)
    .describe('attempts after a failed one; then the receiver stops (default: for ever)'),
  retryDelay: seconds.describe('greatest waiting time between attempts, in seconds (15)'),
};

export const HandlerSettings = z.strictObject({
  name: z.string().min(1).optional().describe('its name in the log and the metrics'),
  handleTimeout: trying.handleTimeout.optional(),
  retries: trying.retries.optional(),
  retryDelay: trying.retryDelay.optional(),
});
export type HandlerSettings = z.output<typeof HandlerSettings>;

/** What a receiver does, beside its handlers and its key. */
export const ReceiverSettings = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'is not an http or https address' })
    .default('http://localhost:8080')
    .transform((url) => url.replace(/\/+$/, ''))
    .describe('address of the service (http://localhost:8080)'),
  channel: z.number('give the number of a channel').int().min(1).describe('number of the channel to read'),
  timeout: z.number().int().min(0).max(30).default(30).describe('seconds one call waits for messages (30)'),
  delete: z.boolean().default(false).describe('delete messages from the channel once all handlers have them'),
  startKey: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('key to begin at the first time (0); later the state file says it'),
  rewind: z.number().int().min(0).optional().describe('key to begin at now, whatever the state file says'),
  limitCount: z.number().int().min(1).max(10_000).default(1000).describe('messages a batch (1000)'),
  limitSize: z
    .number()
    .int()
    .min(1)
    .max(16 * 1024 * 1024)
    .default(8 * 1024 * 1024)
    .describe('bytes a batch (8388608)'),
  state: z.string().min(1).optional().describe('file that keeps the next key (receiver-<channel>.json)'),
  handleTimeout: trying.handleTimeout.default(60),
  retries: trying.retries.optional(),
  retryDelay: trying.retryDelay.default(15),
});
export type ReceiverSettings = z.output<typeof ReceiverSettings>;

/** @param nameOf how the reader knows an option, such as `--limit-count` @throws ReceiverError `USAGE` */
export function checked<T extends z.ZodType>(
  schema: T,
  value: unknown,
  nameOf: (path: string) => string = (path) => path,
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${nameOf(path.join('.'))}: ${message}`,
  );
  throw new ReceiverError('USAGE', problems.join('; '));
}
