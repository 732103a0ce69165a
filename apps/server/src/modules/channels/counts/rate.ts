import type { ChannelRate, ChannelRateQuery } from '@polyrelay/contract';
import type { Pool } from 'pg';
import type { z } from 'zod';
import { DomainError } from '#core/errors.js';
import { MINUTE_MS, sumSpans } from './store.js';

const HOUR_MS = 3_600_000;
/** Later years have more digits than a time in an answer may have. */
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * How many messages were added in each of `points` equal spans of whole minutes: fewer spans where there are not so
 * many minutes. Without `to` it ends with this minute, without `from` it is an hour long.
 * @throws invalid when the range ends before it begins
 */
export async function channelRate(
  pool: Pool,
  channelId: number,
  query: z.output<typeof ChannelRateQuery>,
): Promise<ChannelRate> {
  const to = query.to === undefined ? Date.now() : Date.parse(query.to);
  const from = query.from === undefined ? to - HOUR_MS : Date.parse(query.from);
  if (from >= to)
    throw new DomainError('invalid', 'invalidRequest', 'to: Must be later than “from”', {
      errors: [{ path: 'to', message: 'Must be later than “from”' }],
    });
  const first = Math.floor(from / MINUTE_MS) * MINUTE_MS;
  const minutes = Math.ceil((to - first) / MINUTE_MS);
  const stepMinutes = Math.ceil(minutes / query.points);
  const points = Math.ceil(minutes / stepMinutes);
  const stepMs = stepMinutes * MINUTE_MS;
  const messages = new Array<number>(points).fill(0);
  for (const span of await sumSpans(pool, channelId, new Date(first), stepMs, points))
    messages[span.span] = span.messages;
  return {
    from: new Date(first).toISOString(),
    to: new Date(Math.min(first + points * stepMs, LAST_MS)).toISOString(),
    stepSeconds: stepMs / 1000,
    messages,
  };
}
