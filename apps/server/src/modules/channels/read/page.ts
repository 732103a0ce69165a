import { compileExpression, ExpressionError } from '@polyrelay/codecs/expression';
import type { ChannelMessageQuery } from '@polyrelay/contract';
import type { Pool } from 'pg';
import type { z } from 'zod';
import { DomainError, notFound } from '#core/errors.js';
import { readBounds, type StoredChannelMessage } from '../store.js';
import { readBackwards, readRows } from './store.js';

/** One call with a filter looks at no more than this; every call gives no more bytes. */
const LOOK = { limitCount: 2000, limitSize: 4 * 1024 * 1024 };

/**
 * A page of messages as people look at them: newest first, or oldest first behind a key.
 * @returns the messages, and where the next page begins (null: there is nothing more)
 * @throws invalid `invalidFilter`, notFound
 */
export async function readPage(
  pool: Pool,
  channelId: number,
  query: z.output<typeof ChannelMessageQuery>,
): Promise<{ items: StoredChannelMessage[]; nextKey: number | null }> {
  const { limit, before = Number.MAX_SAFE_INTEGER, after, filter } = query;
  const matches = filterOf(filter);
  const limits = matches === undefined ? { ...LOOK, limitCount: limit } : LOOK;
  const rows =
    after === undefined
      ? await readBackwards(pool, channelId, { before, ...limits })
      : ((await readRows(pool, channelId, { from: after + 1, ...limits }))?.messages ?? []);
  const { items, last } = pick(rows, limit, matches);
  const bounds = await readBounds(pool, channelId);
  if (bounds === undefined) throw notFound('This channel');
  if (last === undefined) return { items, nextKey: null };
  const more = after === undefined ? last > bounds.firstKey : last < bounds.nextKey - 1;
  return { items, nextKey: more ? last : null };
}

type Matches = (message: Record<string, unknown>) => boolean;

/** The first ones that match, and the key of the last one that was looked at. */
function pick(
  rows: StoredChannelMessage[],
  limit: number,
  matches: Matches | undefined,
): { items: StoredChannelMessage[]; last: number | undefined } {
  const items: StoredChannelMessage[] = [];
  let last: number | undefined;
  for (const row of rows) {
    if (items.length === limit) break;
    last = row.key;
    if (matches === undefined || matches(JSON.parse(row.json))) items.push(row);
  }
  return { items, last };
}

function filterOf(filter: string | undefined): Matches | undefined {
  if (filter === undefined || filter.trim() === '') return undefined;
  try {
    return compileExpression(filter);
  } catch (cause) {
    if (!(cause instanceof ExpressionError)) throw cause;
    const { message } = cause;
    throw new DomainError('invalid', 'invalidFilter', `The filter cannot be understood: ${message}`, {
      cause,
      errors: [{ path: 'filter', message }],
    });
  }
}
