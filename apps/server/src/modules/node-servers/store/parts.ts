import type { Pool } from 'pg';
import { publicText } from '../notices.js';

/** A node or a notice of a node server. */
export interface PartOf {
  nodeServerId: string;
  /** Address of the node, or key of the notice. */
  key: string;
}

/** Of a node or a notice: what {@link nodeNames} and {@link noticeTexts} are found by. */
const partKey = ({ nodeServerId, key }: PartOf): string => `${nodeServerId}/${key}`;

/** Names of nodes that are there. */
export async function nodeNames(pool: Pool, nodes: readonly PartOf[]): Promise<Map<string, string>> {
  const { rows } = await pool.query<PartOf & { name: string }>({
    name: 'node-names',
    text: `SELECT n.node_server_id AS "nodeServerId", n.address AS key, n.name
      FROM unnest($1::uuid[], $2::text[]) AS w(id, address)
      JOIN nodes n ON n.node_server_id = w.id AND n.address = w.address`,
    values: columns(nodes),
  });
  return new Map(rows.map((row) => [partKey(row), row.name]));
}

/** Texts of notices that are there, as they may leave the service. */
export async function noticeTexts(pool: Pool, notices: readonly PartOf[]): Promise<Map<string, string>> {
  const { rows } = await pool.query<PartOf & { content: unknown; worker: string }>({
    name: 'notice-texts',
    text: `SELECT n.node_server_id AS "nodeServerId", n.key, n.content, s.worker
      FROM unnest($1::uuid[], $2::text[]) AS w(id, key)
      JOIN notices n ON n.node_server_id = w.id AND n.key = w.key JOIN node_servers s ON s.id = n.node_server_id`,
    values: columns(notices),
  });
  return new Map(rows.map((row) => [partKey(row), publicText(row.content, row.worker)]));
}

const columns = (parts: readonly PartOf[]): string[][] => [
  parts.map(({ nodeServerId }) => nodeServerId),
  parts.map(({ key }) => key),
];
