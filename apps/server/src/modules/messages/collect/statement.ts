import type { FastifyInstance } from 'fastify';
import type { EventLog, FactStatement } from '#core/events/log.js';
import type { NewEvent } from '#core/events/types.js';
import { previewOf } from '../present.js';
import { factOf, type NewMessage, ownersInOrder } from './message.js';

/**
 * Each part waits for the one before: locks are taken in the order of the careful way, and the time is read when the
 * owners’ usage is locked, so that it grows with the commits. With one thing disabled or gone, nothing is done.
 * Payloads come as one JSON array, whose parts stay the text they are: that costs a third of an array of texts.
 */
const ctes = (count: string): string => `
WITH present AS MATERIALIZED (
  SELECT id, enabled FROM things WHERE id = ANY($1::uuid[]) ORDER BY id FOR KEY SHARE
), allowed AS MATERIALIZED (
  SELECT true FROM present HAVING count(*) = cardinality($1::uuid[]) AND bool_and(enabled)
), counted AS (${count}
), clock AS MATERIALIZED (
  SELECT at, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS iso
  FROM (SELECT clock_timestamp()::timestamptz(3) AS at FROM (SELECT count(*) AS n FROM counted) AS c WHERE c.n > 0) AS now
), message AS MATERIALIZED (
  SELECT m.*, clock.at, clock.iso FROM clock, ROWS FROM (
    unnest($4::uuid[]), unnest($5::uuid[]), unnest($6::uuid[]), json_array_elements($7::json), unnest($8::int[]), unnest($9::text[])
  ) WITH ORDINALITY AS m(id, thing_id, owner_id, payload, bytes, beginning, n)
), stored AS (
  INSERT INTO messages (id, thing_id, type, at, payload, bytes)
  SELECT id, thing_id, 'egress', at, payload, bytes FROM message RETURNING true
), seen AS (
  UPDATE thing_activity AS a SET collected = a.collected + c.count, last_seen_at = greatest(a.last_seen_at, clock.at)
  FROM clock, (SELECT thing_id, count(*) FROM message GROUP BY thing_id) AS c
  WHERE a.thing_id = c.thing_id AND a.thing_id = ANY($1::uuid[]) RETURNING true
), facts AS (
  SELECT n, owner_id, 'things/' || thing_id || '/messages/' || id AS topic, 'INSERTION' AS operation,
    jsonb_build_object(
      'type', 'egress', 'at', iso, 'bytes', bytes,
      'preview', coalesce(beginning, payload::text), 'truncated', beginning IS NOT NULL, 'state', null
    ) AS payload
  FROM message, (SELECT count(*) FROM stored) AS all_stored, (SELECT count(*) FROM seen) AS all_seen
)`;

/** The statement that stores messages of things that are there and enabled, whose owners have no limit. */
export const storingStatement = ({ events, policies }: FastifyInstance): FactStatement => {
  const counted = 'SELECT o.* FROM allowed, unnest($2::uuid[], $3::bigint[]) AS o(user_id, wanted)';
  return events.factStatement(
    'collect',
    ctes(policies.countSql('collected', counted)),
    '(SELECT at FROM clock)',
  );
};

/**
 * Stores them all.
 * @returns when they came, the same for all; undefined: not stored, because a thing is disabled or no more
 * @throws a unique violation if an id is taken
 */
export async function storeAll(
  events: EventLog,
  statement: FactStatement,
  messages: NewMessage[],
): Promise<Date | undefined> {
  const things = new Set(messages.map(({ thingId }) => thingId));
  const owners = ownersInOrder(messages);
  const values = [
    arrayOf([...things]),
    arrayOf(owners.map(([ownerId]) => ownerId)),
    arrayOf(owners.map(([, { length }]) => length)),
    arrayOf(messages.map(({ id }) => id)),
    arrayOf(messages.map(({ thingId }) => thingId)),
    arrayOf(messages.map(({ ownerId }) => ownerId)),
    `[${messages.map(({ json }) => json).join(',')}]`,
    arrayOf(messages.map(({ bytes }) => bytes)),
    messages.map(({ json }) => beginningOf(json)),
  ];
  const { at } = await events.statement<{ at: Date | null }>(statement, values, (row) =>
    row.at === null ? [] : factsOf(messages, row.at),
  );
  return at ?? undefined;
}

const factsOf = (messages: NewMessage[], at: Date): NewEvent[] =>
  messages.map((message) => factOf(message, at));

/** An array of UUIDs or numbers, which need no quotes, as PostgreSQL reads it. */
const arrayOf = (values: (string | number)[]): string => `{${values.join(',')}}`;

/** What an event shows of a message that is too long to be shown. */
function beginningOf(json: string): string | null {
  const { preview, truncated } = previewOf(json);
  return truncated ? preview : null;
}
