import { type MessageRate, type MessageRateQuery, MessageType } from '@polyrelay/contract';
import type { Pool } from 'pg';
import type { z } from 'zod';
import { DomainError } from '#core/errors.js';
import { countSpans } from './store.js';

const HOUR_MS = 3_600_000;

/**
 * How many messages came in each of `points` equal spans. Without `to` it ends now, without `from` it is an hour long.
 * @throws invalid when the range ends before it begins
 */
export async function messageRate(
  pool: Pool,
  thingId: string,
  query: z.output<typeof MessageRateQuery>,
): Promise<MessageRate> {
  const { points } = query;
  const to = query.to === undefined ? new Date() : new Date(query.to);
  const from = query.from === undefined ? new Date(to.getTime() - HOUR_MS) : new Date(query.from);
  if (from >= to)
    throw new DomainError('invalid', 'invalidRequest', 'to: Must be later than “from”', {
      errors: [{ path: 'to', message: 'Must be later than “from”' }],
    });
  const counts = Object.fromEntries(
    MessageType.options.map((type) => [type, new Array<number>(points).fill(0)]),
  ) as Record<MessageType, number[]>;
  for (const { type, span, count } of await countSpans(pool, thingId, from, to, points))
    counts[type][span] = count;
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    stepSeconds: (to.getTime() - from.getTime()) / 1000 / points,
    ...counts,
  };
}
