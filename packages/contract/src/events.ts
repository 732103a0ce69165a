import { z } from 'zod';
import { Timestamp } from './common.js';

/** What happened to the thing the topic names; the words of the push monitors. */
export const Operation = z.enum(['INSERTION', 'UPDATE', 'DELETION']);
export type Operation = z.infer<typeof Operation>;

/**
 * One durable fact, one row of the event log.
 *
 * Topics are paths; ids are lower-case UUIDs:
 * - `nodeServers/{id}` — the node server itself: payload {@link NodeServerSummary}-like changes
 * - `nodeServers/{id}/notices/{key}` — payload `{}`
 * - `nodeServers/{id}/nodes/{address}` — payload `{ name, nodedefId }`
 * - `nodeServers/{id}/nodes/{address}/drivers/{driver}` — payload `{ value, uom }`
 * - `nodeServers/{id}/nodes/{address}/commands/{cmd}` — a command the node reported, `{ value?, uom? }`
 * - `nodeServers/{id}/customParams`, `…/customData`, `…/polls`, `…/profile` — payload `{}` or the polls
 * - `nodeServers/{id}/oauth/{resultId}` — payload `{ outcome }`
 * - `nodeServers/{id}/webhook` — its URL was renewed, a webhook came, or who takes them changed: payload of what changed
 * - `controllers/{id}`
 * - `things/{id}` — the thing itself: payload of what changed (`name`, `status`, `enabled`, `connected`, `keysMadeAt` …)
 * - `things/{id}/messages/{messageId}` — INSERTION: `{ type, at, bytes, preview, truncated, state }` (see `MessageSummary`); UPDATE: `{ state, stateAt }`
 * - `things/{id}/messages` — DELETION of many: `{ type?, from?, to?, deleted }`
 * - `channels/{id}` — the channel itself: payload of what changed
 * - `channels/{id}/messages` — INSERTION of one batch: {@link ChannelAppended}; DELETION: `{ firstKey }`, keys below are gone
 * - `channels/{id}/readers` — UPDATE, at most every 5 s: `{ readers }`, the {@link ChannelReader}s that moved
 * - `channels/{id}/rules/{ruleId}` — payload `{}`
 * - `monitors/{id}` — the monitor itself: payload of what changed, `{ status }` among it
 * - `monitors/{id}/test` — a test event, which only this monitor is sent: payload `{}`
 * - `monitors/progress` — UPDATE, at most every 5 s for an owner: {@link MonitorProgress}
 * - `policies/{userId}` or `policies/default` — payload: the new limits
 * - `users/{id}` — the user, or one of their access tokens that was revoked; admins only
 * - `backups/{name}` — one that is made (UPDATE: `{ step, bytes }`, then `{ bytes }`) or deleted; `backups/failed`: `{ message }`; admins only
 */
export const Event = z
  .object({
    /** Grows in order of commit; a string because it may pass 2^53. */
    id: z.string().regex(/^\d+$/),
    topic: z.string(),
    operation: Operation,
    group: z.string(),
    at: Timestamp,
    payload: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Event' });
export type Event = z.infer<typeof Event>;

/** Topic filters are MQTT's: `+` one level, `#` the rest; several separated by commas. */
export const TopicFilters = z
  .string()
  .max(2000)
  .transform((text) =>
    text
      .split(',')
      .map((filter) => filter.trim())
      .filter(Boolean),
  )
  .pipe(
    z
      .array(
        z
          .string()
          .regex(
            /^(?:[^+#,/]+|\+)(?:\/(?:[^+#,/]+|\+))*(?:\/#)?$|^#$/,
            'A topic filter is a path such as nodeServers/+/notices/# (“+” one level, “#” the rest)',
          ),
      )
      .max(50),
  );

/** `GET /api/events?topic&after&limit`. */
export const EventQuery = z.object({
  topic: z.string().max(2000).default('#').pipe(TopicFilters),
  /** Events with a greater id; without it the newest are given. */
  after: z
    .string()
    .regex(/^\d{1,19}$/, '“after” is the id of an event')
    .optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** Whether a topic is meant by a filter, level by level. */
export const topicMatches = (filter: string, topic: string): boolean =>
  filter === '#' || levelsMatch(filter.split('/'), topic.split('/'));

/** The same for a filter and a topic that are split into their levels. */
export function levelsMatch(wanted: readonly string[], levels: readonly string[]): boolean {
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '#') return true;
    if (levels[i] === undefined || (wanted[i] !== '+' && wanted[i] !== levels[i])) return false;
  }
  return wanted.length === levels.length;
}
