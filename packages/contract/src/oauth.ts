import { z } from 'zod';
import { Id, Timestamp } from './common.js';

/**
 * How a sign-in stands. `started` until the provider calls back; `waiting` while the worker is offline;
 * `delivered` when the worker has the answer; `linked` when it then removed the notice.
 */
export const OAuthOutcome = z.enum([
  'started',
  'approvalNeeded',
  'waiting',
  'delivered',
  'linked',
  'denied',
  'failed',
  'expired',
  'used',
  'unknown',
  'otherBrowser',
  'wrongAccount',
  'malformed',
]);
export type OAuthOutcome = z.infer<typeof OAuthOutcome>;

/** `GET /api/oauth/results/{id}`: what the result page tells the user. Never holds the code. */
export const OAuthResult = z
  .object({
    id: Id,
    outcome: OAuthOutcome,
    nodeServer: z.object({ id: Id, name: z.string() }).nullable(),
    /** The provider's host, where known. */
    provider: z.string().nullable(),
    /** `error` and `error_description` as the provider sent them. */
    error: z.string().nullable(),
    errorDescription: z.string().nullable(),
    at: Timestamp,
    /** Until when the answer is held for a worker that is offline, or the approval stays open. */
    expiresAt: Timestamp.nullable(),
  })
  .meta({ id: 'OAuthResult' });
export type OAuthResult = z.infer<typeof OAuthResult>;

export const OAuthApproval = z.object({ id: Id });
