import type { RuleSource } from '@polyrelay/contract';
import type { Pool } from 'pg';
import { chosenOf } from '../sources.js';
import { type DriverValue, type Fact, factOfMessage, factOfValue, type ThingMessage } from './fact.js';

/** Facts that are read. */
const LOOKED_AT = 50;
/** Of things, the latest active ones. */
const THINGS = 50;

/** The latest facts of a source, newest first. @param each of one thing at the most, so that none hides the others */
export const latestFacts = (
  pool: Pool,
  ownerId: string,
  source: RuleSource,
  each: number,
): Promise<Fact[]> =>
  source.kind === 'things'
    ? latestMessages(pool, ownerId, chosenOf(source), each)
    : latestValues(pool, ownerId, chosenOf(source), source.drivers);

async function latestMessages(
  pool: Pool,
  ownerId: string,
  things: string[] | undefined,
  each: number,
): Promise<Fact[]> {
  const { rows } = await pool.query<ThingMessage>(
    `WITH latest AS MATERIALIZED (
       SELECT t.id, t.name FROM things t LEFT JOIN thing_activity a ON a.thing_id = t.id
       WHERE t.owner_id = $1 AND ($2::uuid[] IS NULL OR t.id = ANY($2)) AND NOT t.deleting
       ORDER BY a.last_seen_at DESC NULLS LAST LIMIT ${THINGS})
     SELECT m.id, t.id AS "thingId", t.name AS "thingName", m.at, m.json
     FROM latest t CROSS JOIN LATERAL (
       SELECT id, at, payload::text AS json FROM messages
       WHERE thing_id = t.id AND type = 'egress' ORDER BY at DESC, id DESC LIMIT $3) m
     ORDER BY m.at DESC, m.id DESC LIMIT ${LOOKED_AT}`,
    [ownerId, things ?? null, each],
  );
  return rows.flatMap((row) => {
    try {
      return [factOfMessage(row)];
    } catch (error) {
      // Much too long when it is flat: routing leaves it out, too.
      if (error instanceof RangeError) return [];
      throw error;
    }
  });
}

async function latestValues(
  pool: Pool,
  ownerId: string,
  nodeServers: string[] | undefined,
  drivers: string[],
): Promise<Fact[]> {
  const { rows } = await pool.query<DriverValue>(
    `SELECT s.id AS "nodeServerId", s.name AS "nodeServerName", n.address, n.name AS "nodeName", d.driver, d.value, d.uom,
       d.changed_at AS at
     FROM node_servers s JOIN drivers d ON d.node_server_id = s.id
     JOIN nodes n ON n.node_server_id = d.node_server_id AND n.address = d.address
     WHERE s.owner_id = $1 AND ($2::uuid[] IS NULL OR s.id = ANY($2)) AND (cardinality($3::text[]) = 0 OR d.driver = ANY($3))
     ORDER BY d.changed_at DESC LIMIT ${LOOKED_AT}`,
    [ownerId, nodeServers ?? null, drivers],
  );
  return rows.map(factOfValue);
}
