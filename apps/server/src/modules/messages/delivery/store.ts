import type { MessageState } from '@polyrelay/contract';
import type { Pool, PoolClient } from 'pg';

/** A message to a thing that is to be stored. `at` comes from {@link placesOf}. */
export interface NewIngress {
  id: string;
  thingId: string;
  at: Date;
  json: string;
  bytes: number;
}

/** A message that was not acknowledged yet. */
export interface Undelivered {
  id: string;
  thingId: string;
  at: Date;
  json: string;
  bytes: number;
  state: 'queued' | 'sent';
}

/** Where a reading of a thing's messages stands: behind this one. */
export interface Cursor {
  at: Date | string;
  id: string;
}

export const BEGINNING: Cursor = { at: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

/**
 * The times at which new messages to things are placed, by thing: behind all others, also when the clock was put back.
 * Read when the owners' usage is locked: so the order of a thing's messages is the order of their commits, and a
 * reading that goes on behind the last one skips none.
 */
export async function placesOf(client: PoolClient, thingIds: string[]): Promise<Map<string, Date>> {
  const { rows } = await client.query<{ id: string; at: Date }>({
    name: 'message-places',
    text: `SELECT t.id, greatest(date_trunc('milliseconds', clock_timestamp()),
             (SELECT max(at) FROM messages WHERE thing_id = t.id) + interval '1 millisecond') AS at
           FROM unnest($1::uuid[]) AS t(id)`,
    values: [thingIds],
  });
  return new Map(rows.map(({ id, at }) => [id, at]));
}

/** Stores messages to things, and counts them. */
export async function insertIngress(client: PoolClient, messages: NewIngress[]): Promise<void> {
  await client.query({
    name: 'insert-ingress',
    text: `WITH input AS MATERIALIZED (
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::json[], $5::int[])
               AS i(id, thing_id, at, payload, bytes)
           ), added AS (
             INSERT INTO messages (id, thing_id, type, at, payload, bytes, state, state_at)
             SELECT id, thing_id, 'ingress', at, payload, bytes, 'queued', at FROM input
           )
           UPDATE thing_activity a SET published = published + n.count
           FROM (SELECT thing_id, count(*) FROM input GROUP BY thing_id) n WHERE a.thing_id = n.thing_id`,
    values: [
      messages.map(({ id }) => id),
      messages.map(({ thingId }) => thingId),
      messages.map(({ at }) => at),
      messages.map(({ json }) => json),
      messages.map(({ bytes }) => bytes),
    ],
  });
}

const COLUMNS = 'id, thing_id, at, payload::text AS json, bytes, state';

interface Row extends Omit<Undelivered, 'thingId'> {
  thing_id: string;
}

const fromRow = ({ thing_id, ...row }: Row): Undelivered => ({ ...row, thingId: thing_id });

/**
 * The next messages of a thing, oldest first: so many, of so many bytes together, and one at the least.
 * @param options.queuedOnly without those that were sent before
 */
export async function readUndelivered(
  pool: Pool,
  thingId: string,
  after: Cursor,
  options: { queuedOnly: boolean; limit: number; bytes: number },
): Promise<Undelivered[]> {
  const { queuedOnly, limit, bytes } = options;
  const { rows } = await pool.query<Row>({
    name: `undelivered-${queuedOnly}`,
    text: `SELECT ${COLUMNS} FROM (
             SELECT *, sum(bytes) OVER (ORDER BY at, id) - bytes AS before FROM (
               SELECT * FROM messages
               WHERE thing_id = $1 AND state ${queuedOnly ? "= 'queued'" : "IN ('queued', 'sent')"}
                 AND (at, id) > ($2::timestamptz, $3::uuid)
               ORDER BY at, id LIMIT $4
             ) page
           ) page WHERE before < $5 ORDER BY at, id`,
    values: [thingId, after.at, after.id, limit, bytes],
  });
  return rows.map(fromRow);
}

/** Messages that nobody was handed yet, each thing's oldest first, with what an outside broker has to know. */
export async function readQueued(
  client: PoolClient,
  limit: number,
): Promise<(Undelivered & { name: string; ownerId: string })[]> {
  const { rows } = await client.query<Row & { name: string; owner_id: string }>({
    name: 'queued-messages',
    text: `SELECT m.id, m.thing_id, m.at, m.payload::text AS json, m.bytes, m.state, t.name, t.owner_id
           FROM (SELECT * FROM messages WHERE state = 'queued' ORDER BY thing_id, at, id LIMIT $1) m
           JOIN things t ON t.id = m.thing_id ORDER BY m.thing_id, m.at, m.id`,
    values: [limit],
  });
  return rows.map(({ owner_id, ...row }) => ({ ...fromRow(row), name: row.name, ownerId: owner_id }));
}

/** What became of a message. */
export interface StateChange {
  id: string;
  thingId: string;
  ownerId: string;
  state: MessageState;
  at: Date;
}

/** Writes what became of messages, none twice. @returns the ids of those it changed: others are deleted, or further */
export async function updateStates(client: PoolClient, changes: StateChange[]): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>({
    name: 'message-states',
    text: `UPDATE messages m SET state = i.state, state_at = i.at
           FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS i(id, state, at)
           WHERE m.id = i.id AND m.state <> 'delivered' AND m.state <> i.state RETURNING m.id`,
    values: [changes.map(({ id }) => id), changes.map(({ state }) => state), changes.map(({ at }) => at)],
  });
  return new Set(rows.map(({ id }) => id));
}
