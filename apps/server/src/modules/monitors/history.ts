import { parseTopics } from '@polyrelay/codecs/push-topic';
import type { FastifyInstance } from 'fastify';
import { DISORDER_MS, firstEventSince } from './log.js';
import { type MonitorRecord, type Place, type PushMessage, placeAfter } from './types.js';

/** Messages that are read at once, and JSON of a page at which it is full whatever was asked for. */
const READ_AT_ONCE = 100;
const MAX_PAGE_BYTES = 8 * 1024 * 1024;
/** Looks at the log for one page; each is bounded itself. */
const LOOKS = 40;
/** Which part of a monitor’s history is asked for. */
export interface HistoryQuery {
  /** Events at or after this time. */
  start: Date;
  /** Events before this time. */
  end?: Date | undefined;
  /** Behind this place; else from `start` on. */
  after?: Place | undefined;
  /** Messages at the most. */
  limit: number;
}

export interface HistoryPage {
  messages: PushMessage[];
  /** Where the next page goes on, at once or when more has happened. */
  place: Place;
  /** There is more at present. */
  more: boolean;
}

/** Reads what a monitor’s topics mean from the log, oldest first: what clients that poll ask for. */
export async function readHistory(
  app: FastifyInstance,
  { id: monitorId, ownerId, topic }: MonitorRecord,
  { start, end, after, limit }: HistoryQuery,
): Promise<HistoryPage> {
  const topics = parseTopics(topic);
  const until = end && (await lastPlaceBefore(app, new Date(end.getTime() + DISORDER_MS)));
  const messages: PushMessage[] = [];
  let place = after ?? (await placeBefore(app, start));
  let bytes = 0;
  for (let look = 0; look < LOOKS && messages.length < limit && bytes < MAX_PAGE_BYTES; look++) {
    const most = Math.min(limit - messages.length, READ_AT_ONCE);
    const part = await app.monitors.resources.read(ownerId, topics, place, { limit: most, monitorId, until });
    for (const message of part.messages) {
      const { at } = message.event;
      if (at < start || (end !== undefined && at >= end)) continue;
      messages.push(message);
      bytes += message.json.length;
    }
    place = part.place;
    if (part.end) return { messages, place, more: false };
  }
  if (messages.length < limit) return { messages, place, more: true };
  // Full to the last: whether there is more is looked up, so that nobody is sent to an empty page.
  const next = await app.monitors.resources.read(ownerId, topics, place, { limit: 1, monitorId, until });
  return { messages, place, more: next.messages.length > 0 || !next.end };
}

/** The place before the first event since a time. */
async function placeBefore(app: FastifyInstance, since: Date): Promise<Place> {
  // Read first: what is recorded meanwhile is behind it.
  const { last } = app.events;
  const first = await firstEventSince(app.database.pool, since);
  return placeAfter(first === undefined ? last : first - 1);
}

/** The last place before a time; undefined: the log has nothing since then. */
async function lastPlaceBefore(app: FastifyInstance, time: Date): Promise<Place | undefined> {
  const first = await firstEventSince(app.database.pool, time);
  return first === undefined ? undefined : placeAfter(first - 1);
}
