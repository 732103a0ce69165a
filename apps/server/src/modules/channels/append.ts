import type { Appended } from '@polyrelay/contract';
import type { PoolClient } from 'pg';
import type { EventLog, FactStatement } from '#core/events/log.js';
import type { NewEvent, Recorder } from '#core/events/types.js';
import type { ChannelRef } from './refs.js';
import { type NewChannelMessage, sumOfBytes } from './store.js';

/** What is added to one channel. */
export interface Addition {
  channel: ChannelRef;
  messages: NewChannelMessage[];
}

/**
 * Whoever adds to a channel holds its head until the commit: another writer waits, so a smaller key is never committed
 * after a greater one. Heads are locked in the order of their channels, so that nobody waits in a circle. Times do not
 * go back either, whatever the clock does. Messages come as one JSON array, whose parts stay the text they are: that
 * costs a third of an array of texts. To a channel that is no more nothing is added.
 */
const APPEND = `
WITH locked AS MATERIALIZED (
  SELECT channel_id FROM channel_heads WHERE channel_id = ANY($1::int[]) ORDER BY channel_id FOR NO KEY UPDATE
), head AS (
  UPDATE channel_heads AS h SET next_key = h.next_key + w.count, bytes = h.bytes + w.bytes,
    last_at = greatest(h.last_at, clock_timestamp()::timestamptz(3))
  FROM (SELECT count(*) FROM locked) AS all_locked,
    unnest($1::int[], $2::uuid[], $3::int[], $4::bigint[], $5::int[]) AS w(channel_id, owner_id, count, bytes, before)
  WHERE h.channel_id = ANY($1::int[]) AND h.channel_id = w.channel_id
  RETURNING h.channel_id, w.owner_id, w.count, w.bytes, w.before, h.next_key - w.count AS first, h.last_at
), stored AS (
  INSERT INTO channel_messages (channel_id, key, ident, timestamp, at, message, bytes)
  SELECT head.channel_id, head.first + m.n - 1 - head.before, m.ident, m.timestamp, head.last_at, m.message, m.bytes
  FROM head JOIN ROWS FROM (
    unnest($6::int[]), unnest($7::text[]), unnest($8::float8[]), json_array_elements($9::json), unnest($10::int[])
  ) WITH ORDINALITY AS m(channel_id, ident, timestamp, message, bytes, n) ON m.channel_id = head.channel_id
  RETURNING true
)`;

const FACTS = `, facts AS (
  SELECT channel_id AS n, owner_id, 'channels/' || channel_id || '/messages' AS topic, 'INSERTION' AS operation,
    jsonb_build_object('firstKey', first, 'lastKey', first + count - 1, 'count', count, 'bytes', bytes) AS payload
  FROM head, (SELECT count(*) AS n FROM stored) AS all_stored
)`;

const FIRST_KEYS = '(SELECT json_object_agg(channel_id, first) FROM head) AS first_keys';

interface AppendedRow {
  /** By channel; null: none of them is there. */
  first_keys: Record<string, number> | null;
}

/** The statement of {@link appendAll}. */
export const appendStatement = (events: EventLog): FactStatement =>
  events.factStatement('channel-append-all', APPEND + FACTS, FIRST_KEYS);

/**
 * Adds messages to channels and tells of each as one event, in a statement that commits by itself.
 * @param additions in the order of their channels’ ids, each channel once
 * @returns the first keys, by channel; a channel that is no more has none
 */
export async function appendAll(
  events: EventLog,
  statement: FactStatement,
  additions: Addition[],
): Promise<ReadonlyMap<number, number>> {
  const { first_keys: firstKeys } = await events.statement<AppendedRow>(
    statement,
    valuesOf(additions),
    (row) => factsOf(additions, keysOf(row)),
  );
  return keysOf({ first_keys: firstKeys });
}

/** The same for one channel in a transaction of the caller. @returns undefined when the channel is no more */
export async function appendTo(
  client: PoolClient,
  record: Recorder,
  addition: Addition,
): Promise<Appended | undefined> {
  const { rows } = await client.query<AppendedRow>({
    name: 'channel-append',
    text: `${APPEND} SELECT ${FIRST_KEYS}`,
    values: valuesOf([addition]),
  });
  const firstKey = keysOf(rows[0]).get(addition.channel.id);
  if (firstKey === undefined) return undefined;
  record(factOf(addition, firstKey));
  return appendedFrom(firstKey, addition.messages.length);
}

/** The keys of some messages. */
export const appendedFrom = (firstKey: number, count: number): Appended => ({
  firstKey,
  lastKey: firstKey + count - 1,
  count,
});

const keysOf = (row: AppendedRow | undefined): Map<number, number> =>
  new Map(Object.entries(row?.first_keys ?? {}).map(([id, key]) => [Number(id), key]));

const factsOf = (additions: Addition[], firstKeys: ReadonlyMap<number, number>): NewEvent[] =>
  additions.flatMap((addition) => {
    const firstKey = firstKeys.get(addition.channel.id);
    return firstKey === undefined ? [] : [factOf(addition, firstKey)];
  });

const factOf = ({ channel, messages }: Addition, firstKey: number): NewEvent => ({
  topic: `channels/${channel.id}/messages`,
  operation: 'INSERTION',
  ownerId: channel.ownerId,
  payload: { ...appendedFrom(firstKey, messages.length), bytes: sumOfBytes(messages) },
});

function valuesOf(additions: Addition[]): string[] {
  const all = additions.flatMap(({ messages }) => messages);
  let added = 0;
  const before = additions.map(({ messages }) => {
    added += messages.length;
    return added - messages.length;
  });
  return [
    arrayOf(additions.map(({ channel }) => channel.id)),
    arrayOf(additions.map(({ channel }) => channel.ownerId)),
    arrayOf(additions.map(({ messages }) => messages.length)),
    arrayOf(additions.map(({ messages }) => sumOfBytes(messages))),
    arrayOf(before),
    arrayOf(additions.flatMap(({ channel, messages }) => messages.map(() => channel.id))),
    arrayOf(all.map(({ ident }) => quoted(ident))),
    arrayOf(all.map(({ timestamp }) => timestamp)),
    `[${all.map(({ json }) => json).join(',')}]`,
    arrayOf(all.map(({ bytes }) => bytes)),
  ];
}

/** An array as PostgreSQL reads it; a text in it must be quoted. */
const arrayOf = (values: (string | number)[]): string => `{${values.join(',')}}`;

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
