import { z } from 'zod';
import { Email } from './access.js';
import { Id, Timestamp } from './common.js';

/** A limit: a whole number, or null for none. */
const limit = (what: string) =>
  z
    .number(`Write a whole number of ${what}, or leave it empty for no limit`)
    .int(`Write a whole number of ${what}`)
    .min(0, 'Must not be negative')
    .max(1_000_000_000_000, 'Leave it empty for no limit')
    .nullable();

/** What a user may do at most; null: no limit. */
export const PolicyLimits = z
  .object({
    /** Things at a time. */
    things: limit('things'),
    /** Messages collected from things, and published to them, in a calendar month (UTC). */
    collected: limit('messages'),
    published: limit('messages'),
    /** Messages older than this many days are deleted. */
    retentionDays: limit('days').refine((days) => days === null || days >= 1, 'Keep messages at least 1 day'),
  })
  .meta({ id: 'PolicyLimits' });
export type PolicyLimits = z.infer<typeof PolicyLimits>;

/** What is counted against the limits. */
export const PolicyUsage = z.object({
  things: z.number().int(),
  collected: z.number().int(),
  published: z.number().int(),
});
export type PolicyUsage = z.infer<typeof PolicyUsage>;

/** `GET /api/policy`: mine. */
export const Policy = z
  .object({
    limits: PolicyLimits,
    usage: PolicyUsage,
    /** The month that is counted. */
    periodStart: Timestamp,
    periodEnd: Timestamp,
    /** False: the limits are those for everybody. */
    own: z.boolean(),
  })
  .meta({ id: 'Policy' });
export type Policy = z.infer<typeof Policy>;

/** `GET /api/policies` (admins): the limits for everybody, and every user's. */
export const PolicyList = z
  .object({
    default: PolicyLimits,
    users: z.array(Policy.extend({ userId: Id, email: Email })),
  })
  .meta({ id: 'PolicyList' });
export type PolicyList = z.infer<typeof PolicyList>;
