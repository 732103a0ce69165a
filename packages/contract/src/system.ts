import { z } from 'zod';
import { Timestamp } from './common.js';

/** One part of the service; `detail` says what is wrong and what to do. */
export const Part = z.object({ status: z.enum(['ok', 'failing']), detail: z.string() });

/** `GET /api/health`: 200 when all is well, 503 with the failing part. */
export const Health = z
  .object({
    status: z.enum(['ok', 'failing']),
    version: z.string(),
    database: Part,
    broker: Part,
    disk: Part,
    uptimeSeconds: z.number(),
  })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof Health>;

/** `GET /api/overview`: figures for the first page. Rates are counts in each of the last `minutes` minutes, oldest first. */
export const Overview = z
  .object({
    version: z.string(),
    /** Origin of links and redirect URIs, without a slash at the end. */
    publicUrl: z.string(),
    startedAt: Timestamp,
    health: Health,
    database: z.object({ kind: z.enum(['embedded', 'outside']), bytes: z.number() }),
    broker: z.object({
      kind: z.enum(['embedded', 'outside']),
      clients: z.number().int(),
      /** Where programs connect, by TLS. */
      host: z.string(),
      port: z.number().int(),
    }),
    /** Where clients of push monitors connect: plain, and by TLS. Null: closed. */
    push: z.object({
      host: z.string(),
      port: z.number().int().nullable(),
      tlsPort: z.number().int().nullable(),
    }),
    disk: z.object({ freeBytes: z.number(), totalBytes: z.number() }),
    memoryBytes: z.number(),
    rates: z.array(
      z.object({
        name: z.enum(['driverUpdates', 'workerMessages', 'relays', 'messagesCollected', 'messagesPublished']),
        perMinute: z.array(z.number()),
      }),
    ),
  })
  .meta({ id: 'Overview' });
export type Overview = z.infer<typeof Overview>;
