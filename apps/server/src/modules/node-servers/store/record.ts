import type { NodeServerRecord } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { mappedPortOf, publicPortOf } from '../ingress.js';
import { secretPlace } from './rows.js';

interface RecordRow {
  id: string;
  owner_id: string;
  worker: string;
  name: string;
  slot: number;
  runtime: string;
  language: string;
  version: string;
  source: { git?: string } | null;
  connected: boolean;
  first_run: boolean;
  development: boolean;
  short_poll: number;
  long_poll: number;
  custom_params: Record<string, unknown>;
  custom_data: Buffer | null;
  oauth_url: string | null;
  oauth_client_id: string | null;
  oauth_client_secret: Buffer | null;
  pg_secret: Buffer;
  time_added: Date;
  time_started: Date | null;
  last_disconnect: Date | null;
  ingress_required: boolean;
  ingress_port: number | null;
  ingress_local_port: number | null;
  controller_uuid: string;
  controller_version: string;
  notices: Record<string, unknown>;
  nodes: string;
}

/** The nodes go from the database to the wire as text: with hundreds of them, parsing would cost more than reading. */
const QUERY = `
SELECT n.id, n.owner_id, n.worker, n.name, n.slot, n.runtime, n.language, n.version, n.source, n.connected, n.first_run,
  n.development, n.short_poll, n.long_poll, n.custom_params, n.custom_data, n.oauth_url, n.oauth_client_id,
  n.oauth_client_secret, n.pg_secret, n.time_added, n.time_started, n.last_disconnect,
  n.ingress_required, n.ingress_port, n.ingress_local_port, c.uuid AS controller_uuid, c.version AS controller_version,
  coalesce((SELECT json_object_agg(key, content) FROM notices WHERE node_server_id = n.id), '{}') AS notices,
  coalesce((
    SELECT json_object_agg(o.address, json_strip_nulls(json_build_object(
      'address', o.address, 'name', o.name, 'nodedefid', o.nodedef_id, 'primary', o."primary",
      'isPrimary', o.address = o."primary", 'isController', o.is_controller, 'hint', o.hint,
      'timeAdded', floor(extract(epoch FROM o.time_added) * 1000),
      'timeStarted', coalesce(floor(extract(epoch FROM o.time_started) * 1000), 0),
      'drivers', coalesce(d.drivers, '{}'))))
    FROM nodes o LEFT JOIN (
      SELECT address, json_object_agg(driver, json_build_object('value', value, 'uom', uom)) AS drivers
      FROM drivers WHERE node_server_id = $1 GROUP BY address
    ) d USING (address)
    WHERE o.node_server_id = $1
  ), '{}')::text AS nodes
FROM node_servers n JOIN controllers c ON c.id = n.controller_id
WHERE n.id = $1`;

/** A worker's record (PGC section 5) without its nodes, and the nodes as JSON text. */
export interface RecordParts {
  record: Omit<NodeServerRecord, 'nodes'>;
  nodes: string;
}

/** Assembles the record of a node server; undefined when it was deleted. */
export async function readRecord(app: FastifyInstance, id: string): Promise<RecordParts | undefined> {
  const { rows } = await app.database.pool.query<RecordRow>({
    name: 'node-server-record',
    text: QUERY,
    values: [id],
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  const { keyring } = app;
  const customData: unknown =
    row.custom_data === null
      ? {}
      : JSON.parse(keyring.open(row.custom_data, secretPlace('custom_data', row.worker)));
  return {
    nodes: row.nodes,
    record: {
      id: row.controller_uuid,
      profileNum: String(row.slot),
      userId: row.owner_id,
      worker: row.worker,
      name: row.name,
      type: row.runtime === 'local' ? 'local' : 'cloud',
      language: row.language,
      version: row.version,
      url: row.source?.git ?? '',
      isyUsername: '',
      isyPassword: '',
      isyVersion: row.controller_version,
      connected: row.connected,
      timeAdded: row.time_added.getTime(),
      timeStarted: row.time_started?.getTime() ?? 0,
      lastDisconnect: row.last_disconnect?.getTime() ?? 0,
      firstRun: row.first_run,
      shortPoll: row.short_poll,
      longPoll: row.long_poll,
      customParams: row.custom_params,
      customData: customData as Record<string, unknown>,
      notices: row.notices,
      oauth: oauthOf(app, row),
      netInfo: await netInfoOf(app, row),
      logBucket: 'none',
      pgUrl: pgUrlOf(app, row),
      development: row.development,
    },
  };
}

/** The whole record as one JSON text. */
export const recordJson = ({ record, nodes }: RecordParts): string =>
  `${JSON.stringify(record).slice(0, -1)},"nodes":${nodes}}`;

function oauthOf(app: FastifyInstance, row: RecordRow): NodeServerRecord['oauth'] {
  if (row.oauth_url === null) return {};
  const sealed = row.oauth_client_secret;
  const clientId = row.oauth_client_id ?? '';
  const secret =
    sealed === null ? '' : app.keyring.open(sealed, secretPlace('oauth_client_secret', row.worker));
  const client = { clientId, secret, redirectUrl: redirectUriOf(app) };
  // Some published node servers look at both stages, whatever the one they run in.
  return { url: row.oauth_url, clientId, clientSecret: secret, prod: client, test: client };
}

/** What the owner registers in the provider's console. */
export const redirectUriOf = (app: FastifyInstance): string =>
  `${app.endpoints.publicUrl()}/api/oauth/callback`;

/** How the outside reaches a node server (PGC section 7); the port is 0 where nothing comes in. */
async function netInfoOf(app: FastifyInstance, row: RecordRow): Promise<NodeServerRecord['netInfo']> {
  const ingress = {
    runtime: row.runtime,
    ingressRequired: row.ingress_required,
    ingressPort: row.ingress_port,
    ingressLocalPort: row.ingress_local_port,
  };
  const { runtimes } = app.nodeServers;
  const { publicIp, publicHost } = app.endpoints;
  const netInfo = { publicIp, publicPort: publicPortOf(runtimes, ingress) ?? 0, publicDns: publicHost };
  if (mappedPortOf(runtimes, ingress) === undefined) return netInfo;
  const webhook = await app.nodeServers.webhookUrl?.({ id: row.id, ownerId: row.owner_id });
  return webhook === undefined ? netInfo : { ...netInfo, httpsIngress: `${webhook}/ns/${row.worker}/` };
}

/** The worker's start URL (PGC section 2): everything needed to find and prove it, in one parameter. */
export function pgUrlOf(
  app: FastifyInstance,
  row: { owner_id: string; worker: string; slot: number; controller_uuid: string; pg_secret: Uint8Array },
): string {
  const password = app.keyring.open(row.pg_secret, secretPlace('pg_secret', row.worker));
  const params = { userId: row.owner_id, id: row.controller_uuid, profileNum: String(row.slot), password };
  return `${app.endpoints.publicUrl()}/api/sys/nsgetioturl?params=${Buffer.from(JSON.stringify(params)).toString('base64url')}`;
}
