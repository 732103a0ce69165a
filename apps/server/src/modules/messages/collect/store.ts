import type { PoolClient } from 'pg';
import type { NewMessage } from './message.js';

/** A message that has the id already. */
export interface StoredMessage {
  id: string;
  thing_id: string;
  type: string;
  at: Date;
}

/** Which of the things are there, and whether they are enabled. They stay until the transaction ends. */
export async function readThings(client: PoolClient, ids: string[]): Promise<Map<string, boolean>> {
  const { rows } = await client.query<{ id: string; enabled: boolean }>({
    name: 'collect-things',
    text: 'SELECT id, enabled FROM things WHERE id = ANY($1::uuid[]) ORDER BY id FOR KEY SHARE',
    values: [ids],
  });
  return new Map(rows.map(({ id, enabled }) => [id, enabled]));
}

/** Those of the ids that are taken. */
export async function readStored(client: PoolClient, ids: string[]): Promise<Map<string, StoredMessage>> {
  const { rows } = await client.query<StoredMessage>({
    name: 'collect-stored',
    text: 'SELECT id, thing_id, type, at FROM messages WHERE id = ANY($1::uuid[])',
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Messages and what they change about their things. The time is read when the owner’s usage is locked: in order of commit. */
const INSERT = `
WITH clock AS MATERIALIZED (SELECT clock_timestamp()::timestamptz(3) AS at),
stored AS (
  INSERT INTO messages (id, thing_id, type, at, payload, bytes)
  SELECT m.id, m.thing_id, 'egress', clock.at, m.payload, m.bytes
  FROM clock, unnest($1::uuid[], $2::uuid[], $3::json[], $4::int[]) AS m(id, thing_id, payload, bytes)
), counted AS (
  UPDATE thing_activity a SET collected = a.collected + c.count, last_seen_at = greatest(a.last_seen_at, clock.at)
  FROM clock, (SELECT thing_id, count(*) FROM unnest($2::uuid[]) AS c(thing_id) GROUP BY thing_id) AS c
  WHERE a.thing_id = c.thing_id
)
SELECT at FROM clock`;

/** Stores messages. @returns when they came, the same for all; fails with a unique violation if an id is taken */
export async function insertMessages(client: PoolClient, messages: NewMessage[]): Promise<Date> {
  const { rows } = await client.query<{ at: Date }>({
    name: 'collect-insert',
    text: INSERT,
    values: [
      messages.map(({ id }) => id),
      messages.map(({ thingId }) => thingId),
      messages.map(({ json }) => json),
      messages.map(({ bytes }) => bytes),
    ],
  });
  if (rows[0] === undefined) throw new Error('the database gave no time');
  return rows[0].at;
}
