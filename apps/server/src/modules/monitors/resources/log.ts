import { idOfConnectware } from '@polyrelay/codecs/push-resource';
import type { PushTopic } from '@polyrelay/codecs/push-topic';
import type { Pool } from 'pg';
import type { RecordedEvent } from '#core/events/types.js';
import { eventIdOf, type Place, placeAfter } from '../types.js';

/** Rows of the log that one page looks at; only what may be meant leaves the database. */
export const LOOKED_AT = 10_000;

/** A part of the log, of one owner. */
export interface LogPart {
  events: RecordedEvent[];
  /** Everything up to here was looked at. */
  place: Place;
  /** There is nothing behind it at present. */
  end: boolean;
}

interface LogRow {
  last: string | null;
  full: boolean;
  id: string | null;
  topic: string;
  operation: RecordedEvent['operation'];
  group: string;
  at: Date;
  payload: Record<string, unknown>;
}

/** What a look at the log is for. */
export interface LogQuery {
  ownerId: string;
  /** Log topics that may be meant, as patterns of LIKE. */
  topics: string[];
  after: Place;
  /** Events at the most. */
  limit: number;
  until?: Place | undefined;
}

/**
 * The range is bounded by ids first: whoever’s events they are, one look costs the same. The owner is compared before
 * the topics, which cost more.
 */
const PAGE = `WITH page AS (
    SELECT id FROM events WHERE id >= $1 AND ($5::bigint IS NULL OR id <= $5) ORDER BY id LIMIT ${LOOKED_AT}
  ), ends AS (SELECT max(id) AS last, count(*) = ${LOOKED_AT} AS full FROM page)
  SELECT e.last, e.full, m.* FROM ends e LEFT JOIN LATERAL (
    SELECT id, topic, operation, "group", at, payload FROM events
    WHERE id >= $1 AND id <= e.last AND CASE WHEN owner_id = $2 THEN topic LIKE ANY($3::text[]) END ORDER BY id LIMIT $4
  ) m ON true ORDER BY m.id`;

/** The next events behind a place that may be meant; the one that the place is in the middle of is among them. */
export async function readLog(pool: Pool, query: LogQuery): Promise<LogPart> {
  const { ownerId, topics, after, limit, until } = query;
  const first = eventIdOf(after) + (after === placeAfter(eventIdOf(after)) ? 1 : 0);
  const { rows } = await pool.query<LogRow>({
    name: 'monitor-log',
    text: PAGE,
    values: [first, ownerId, topics, limit, until === undefined ? null : eventIdOf(until)],
  });
  const ends = rows[0];
  if (ends === undefined || ends.last === null) return { events: [], place: after, end: true };
  const events = rows.flatMap((row) => (row.id === null ? [] : [eventOfRow(row, row.id, ownerId)]));
  const stopped = events.length === limit ? events.at(-1) : undefined;
  const last = stopped?.id ?? Number(ends.last);
  const end = !ends.full && (stopped === undefined || last === Number(ends.last));
  return { events, place: Math.max(after, placeAfter(last)), end };
}

const eventOfRow = ({ topic, operation, group, at, payload }: LogRow, id: string, ownerId: string) => ({
  ...{ id: Number(id), ownerId, topic, operation, group, at, payload },
});

/**
 * Log topics of which the topics of a monitor can mean something, as patterns of LIKE. They let a little more through:
 * what is meant is decided behind.
 */
export function logTopicsOf(topics: readonly PushTopic[], monitorId?: number): string[] {
  const wanted = new Set(topics.flatMap(patternsOf));
  if (monitorId !== undefined) wanted.add(`monitors/${monitorId}/test`);
  return [...wanted];
}

/** Any id. */
const ID = '_'.repeat(36);

function patternsOf({ resource, path }: PushTopic): string[] {
  const [first, second, third] = path;
  switch (resource) {
    case 'DeviceCore':
      return [`nodeServers/${ID}`, `things/${ID}`];
    case 'FileData':
    case 'FileDataCore': {
      const message = second === undefined || second === '*' ? ID : levelOf(second.replace(/\.json$/, ''));
      return [`things/${sourceOf(first?.replace(/^~%2F/, ''))}/messages/${message}`];
    }
    case 'DataPoint':
    case 'DataStream':
      return [`nodeServers/${sourceOf(first)}/nodes/${levelOf(second)}/drivers/${levelOf(third)}`];
    case 'AlarmStatus':
      return [`nodeServers/${sourceOf(first)}/notices/${levelOf(second)}`];
    case 'Event': {
      const below = path.map(levelOf).join('/');
      return path.length === 0 ? ['%'] : [below, `${below}/%`];
    }
    default:
      return [];
  }
}

const escaped = (level: string): string => level.replace(/[\\%_]/g, '\\$&');
const levelOf = (level: string | undefined): string =>
  level === undefined || level === '*' ? '%' : escaped(level);

/** The id that the first level of a path names; what is none is looked for all the same, and found nowhere. */
const sourceOf = (level: string | undefined): string =>
  level === undefined || level === '*' ? ID : (idOfConnectware(level) ?? escaped(level));
