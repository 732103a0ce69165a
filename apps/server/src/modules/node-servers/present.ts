import {
  DEFAULT_LIMITS,
  type Driver,
  type Installation,
  type Limits,
  type NodeServer,
  type NodeServerSummary,
  type Node as NodeView,
  type Release,
  ServerJson,
  type Source,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { withoutCredentials } from '#core/urls.js';
import { presentIngress } from './ingress.js';
import { presentNotice } from './notices.js';
import { pgUrlOf, redirectUriOf } from './store/record.js';
import type { NodeServerRow } from './store/rows.js';

export interface Counts {
  notices: number;
  nodes: number;
}

export function presentSummary(app: FastifyInstance, row: NodeServerRow, counts: Counts): NodeServerSummary {
  return {
    id: row.id,
    controllerId: row.controllerId,
    controllerName: row.controller.name,
    slot: row.slot,
    name: row.name,
    worker: row.worker,
    language: row.language,
    version: row.version,
    runtime: row.runtime as NodeServerSummary['runtime'],
    state: row.state as NodeServerSummary['state'],
    stateReason: row.stateReason,
    connected: row.connected,
    timeAdded: row.timeAdded.toISOString(),
    timeStarted: row.timeStarted?.toISOString() ?? null,
    lastDisconnect: row.lastDisconnect?.toISOString() ?? null,
    changedAt: row.changedAt.toISOString(),
    noticeCount: counts.notices,
    nodeCount: counts.nodes,
    linkedAt: row.linkedAt?.toISOString() ?? null,
    catalogueEntry: row.catalogueEntry,
    updateAvailable: app.nodeServers.updates.find(row),
  };
}

interface NoticeRow {
  key: string;
  content: unknown;
  raisedAt: Date;
}

interface NodeRow {
  address: string;
  name: string;
  nodedefId: string;
  primary: string;
  isController: boolean;
  hint: unknown;
  timeAdded: Date;
  drivers: { driver: string; value: unknown; uom: unknown; changedAt: Date }[];
}

export function presentNode(row: NodeRow): NodeView {
  return {
    address: row.address,
    name: row.name,
    nodedefId: row.nodedefId,
    primary: row.primary,
    isPrimary: row.primary === row.address,
    isController: row.isController,
    hint: row.hint === null ? null : typeof row.hint === 'string' ? row.hint : JSON.stringify(row.hint),
    timeAdded: row.timeAdded.toISOString(),
    drivers: Object.fromEntries(
      row.drivers.map(({ driver, value, uom, changedAt }): [string, Driver] => [
        driver,
        { value: value as string | number, uom: uom as string | number, changedAt: changedAt.toISOString() },
      ]),
    ),
  };
}

/** Everything about one node server; secrets and customData stay inside. */
export function presentNodeServer(
  app: FastifyInstance,
  row: NodeServerRow,
  notices: NoticeRow[],
  nodes: NodeRow[],
): NodeServer {
  const file = ServerJson.parse(row.serverJson);
  return {
    ...presentSummary(app, row, { notices: notices.length, nodes: nodes.length }),
    description: file.description ?? '',
    docs: file.docs ?? '',
    credits: file.credits ?? [],
    source: presentSource(row.source as Source | null),
    limits: (row.limits as Limits | null) ?? DEFAULT_LIMITS,
    installed: row.installed as Release | null,
    previous: (row.previous as { installed: Release } | null)?.installed ?? null,
    installation: row.installation as Installation | null,
    pgUrl: pgUrlOf(app, {
      owner_id: row.ownerId,
      worker: row.worker,
      slot: row.slot,
      controller_uuid: row.controller.uuid,
      pg_secret: row.pgSecret,
    }),
    shortPoll: row.shortPoll,
    longPoll: row.longPoll,
    customParams: row.customParams as Record<string, unknown>,
    notices: Object.fromEntries(
      notices.map(({ key, content, raisedAt }) => [key, presentNotice(row, key, content, raisedAt).html]),
    ),
    nodes: Object.fromEntries(nodes.map((node) => [node.address, presentNode(node)])),
    oauth:
      row.oauthUrl === null
        ? null
        : {
            url: row.oauthUrl,
            clientId: row.oauthClientId ?? '',
            hasClientSecret: row.oauthClientSecret !== null,
          },
    redirectUri: redirectUriOf(app),
    development: row.development,
    ingress: presentIngress(app, row),
    logLevel: row.logLevel as NodeServer['logLevel'],
  };
}

/** Who may see a node server need not see the password that opens its repository. */
const presentSource = (source: Source | null): Source | null =>
  source !== null && 'git' in source ? { ...source, git: withoutCredentials(source.git) } : source;
