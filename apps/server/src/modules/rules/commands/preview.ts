import { type FlatMessage, type RulePreview, RulePreviewRequest, type RuleSource } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import type { Principal } from '#core/principal.js';
import { exactJson } from '../facts/exact.js';
import { type DriverValue, type Fact, factOfMessage, factOfValue, type ThingMessage } from '../facts/fact.js';
import { mapped } from '../facts/mapped.js';
import { checkSource, chosenOf } from '../sources.js';

/** So many are shown; names of fields are taken of more. */
const SHOWN = 10;
const LOOKED_AT = 50;
/** Of things, the latest active ones. */
const THINGS = 50;

/** What a rule would make of the latest facts of its source. @throws notFound, invalid `unknownSource` */
export async function previewRule(
  app: FastifyInstance,
  principal: Principal,
  channelId: number,
  request: RulePreviewRequest,
): Promise<RulePreview> {
  const { ownerId } = await app.channels.require(principal, channelId);
  const { source, ...mapping } = RulePreviewRequest.parse(request);
  await checkSource(app, ownerId, source);
  const facts = await latestFacts(app.database.pool, ownerId, source);
  const fields = new Set(facts.flatMap(({ message }) => Object.keys(message)));
  return {
    items: facts.slice(0, SHOWN).map(({ at, from, message }) => ({
      at: at.toISOString(),
      from,
      before: plain(message),
      after: plain(mapped(message, mapping)),
    })),
    fields: [...fields].sort(),
  };
}

/** With numbers of many digits as numbers. */
const plain = (message: FlatMessage): Record<string, unknown> => JSON.parse(exactJson(message));

const latestFacts = (pool: Pool, ownerId: string, source: RuleSource): Promise<Fact[]> =>
  source.kind === 'things'
    ? latestMessages(pool, ownerId, chosenOf(source))
    : latestValues(pool, ownerId, chosenOf(source), source.drivers);

async function latestMessages(pool: Pool, ownerId: string, things: string[] | undefined): Promise<Fact[]> {
  const { rows } = await pool.query<ThingMessage>(
    `WITH latest AS MATERIALIZED (
       SELECT t.id, t.name FROM things t LEFT JOIN thing_activity a ON a.thing_id = t.id
       WHERE t.owner_id = $1 AND ($2::uuid[] IS NULL OR t.id = ANY($2)) AND NOT t.deleting
       ORDER BY a.last_seen_at DESC NULLS LAST LIMIT ${THINGS})
     SELECT m.id, t.id AS "thingId", t.name AS "thingName", m.at, m.json
     FROM latest t CROSS JOIN LATERAL (
       SELECT id, at, payload::text AS json FROM messages
       WHERE thing_id = t.id AND type = 'egress' ORDER BY at DESC, id DESC LIMIT ${SHOWN}) m
     ORDER BY m.at DESC, m.id DESC LIMIT ${LOOKED_AT}`,
    [ownerId, things ?? null],
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
