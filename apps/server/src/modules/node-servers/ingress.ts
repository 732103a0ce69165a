import { createServer } from 'node:net';
import { type Ingress, type NodeServerChange, type ServerJson, wantsIngress } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { Transaction } from '#core/database/database.js';
import { DomainError } from '#core/errors.js';
import type { RuntimeChoices } from './runtimes.js';
import type { NodeServerRow } from './store/rows.js';

/** Where a node server listens for inbound traffic, inside (PGC section 7). */
const INNER_PORT = 3000;

type IngressRow = Pick<NodeServerRow, 'runtime' | 'ingressRequired' | 'ingressPort' | 'ingressLocalPort'>;

/** The port that leads to a worker from outside; undefined while there is none. */
export function publicPortOf(runtimes: RuntimeChoices, row: IngressRow): number | undefined {
  if (!row.ingressRequired) return undefined;
  switch (runtimes.inbound(row.runtime).inbound) {
    case 'own':
      return row.ingressLocalPort ?? undefined;
    // What the worker opens on the machine is open, for the first one that does.
    case 'shared':
      return INNER_PORT;
    case 'mapped':
      return row.ingressPort ?? undefined;
    case 'none':
      return undefined;
  }
}

/** The port of this machine that the runtime maps into the worker's network; undefined where none is mapped. */
export const mappedPortOf = (runtimes: RuntimeChoices, row: IngressRow): number | undefined =>
  isMapped(runtimes, row.runtime) ? publicPortOf(runtimes, row) : undefined;

const isMapped = (runtimes: RuntimeChoices, runtime: string): boolean =>
  runtimes.inbound(runtime).inbound === 'mapped';

/** Null while inbound traffic is switched off. */
export function presentIngress(
  { endpoints, nodeServers: { runtimes } }: FastifyInstance,
  row: IngressRow,
): Ingress | null {
  if (!row.ingressRequired) return null;
  const port = publicPortOf(runtimes, row) ?? null;
  return { host: endpoints.publicHost, ip: endpoints.publicIp, port, ...runtimes.inbound(row.runtime) };
}

/** @throws DomainError when a port is given to a worker that the user does not run */
export function checkIngress(row: NodeServerRow, change: z.output<typeof NodeServerChange>): void {
  if (change.ingressPort === undefined || (change.runtime ?? row.runtime) === 'local') return;
  const message =
    'Only a worker you run yourself has a port of your choice. Others get one of INGRESS_PORTS: send {"ingress": true}.';
  throw new DomainError('invalid', 'portNotYours', message, { errors: [{ path: 'ingressPort', message }] });
}

/** What a change makes of the columns of inbound traffic; undefined when it does not touch them. */
export async function ingressColumns(
  app: FastifyInstance,
  tx: Transaction,
  row: NodeServerRow,
  change: z.output<typeof NodeServerChange>,
): Promise<Partial<IngressRow> | undefined> {
  const { ingress, ingressPort, runtime } = change;
  if (ingress === undefined && ingressPort === undefined && runtime === undefined) return undefined;
  const ingressRequired = ingress ?? row.ingressRequired;
  return {
    ingressRequired,
    // It keeps its port for good, also in a runtime that does not map it: a router may lead there.
    ingressPort: ingressRequired ? await allocatePort(app, tx, runtime ?? row.runtime, row.id) : null,
    ...(ingressPort === undefined ? {} : { ingressLocalPort: ingressPort }),
  };
}

/**
 * What another release makes of the columns of inbound traffic: one that needs it, after one that did not, gets it.
 * Nothing takes it away again but the user, so that going back and forth keeps switch and port.
 * @throws DomainError `noIngressPort`
 */
export async function ingressOfRelease(
  app: FastifyInstance,
  tx: Transaction,
  row: Pick<NodeServerRow, 'id' | 'runtime' | 'serverJson'>,
  serverJson: ServerJson,
): Promise<Partial<IngressRow> | undefined> {
  if (!wantsIngress(serverJson) || wantsIngress(row.serverJson as ServerJson)) return undefined;
  return { ingressRequired: true, ingressPort: await allocatePort(app, tx, row.runtime, row.id) };
}

/** Gives ports to node servers whose runtime can map one only since this start. */
export async function allocateMissingPorts(app: FastifyInstance): Promise<void> {
  const rows = await app.database.prisma.nodeServer.findMany({
    where: { ingressRequired: true, ingressPort: null, state: { not: 'deleting' } },
    select: { id: true, runtime: true, ownerId: true },
  });
  for (const { id, runtime, ownerId } of rows) {
    if (!isMapped(app.nodeServers.runtimes, runtime)) continue;
    await app.events.transaction(async (tx, record) => {
      const ingressPort = await allocatePort(app, tx, runtime, id);
      const row = await tx.nodeServer.update({ where: { id }, data: { ingressPort, changedAt: new Date() } });
      const payload = { ingress: presentIngress(app, row) };
      record({ topic: `nodeServers/${id}`, operation: 'UPDATE', ownerId, payload });
    });
  }
}

/**
 * Takes the lowest port of INGRESS_PORTS that no node server has and nobody listens on, for a runtime that maps one.
 * @param id the node server, when it is there already: it keeps the port it has
 * @throws DomainError `noIngressPort` when the range is used up
 */
export async function allocatePort(
  app: FastifyInstance,
  tx: Transaction,
  runtime: string,
  id?: string,
): Promise<number | null> {
  const select = { id: true, ingressPort: true } as const;
  // One at a time, until the commit.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('polyrelay.ingress_port'))`;
  const rows = await tx.nodeServer.findMany({ where: { ingressPort: { not: null } }, select });
  const own = rows.find((row) => row.id === id)?.ingressPort ?? null;
  if (own !== null || !isMapped(app.nodeServers.runtimes, runtime)) return own;
  const taken = new Set(rows.map((row) => row.ingressPort));
  const { first, last } = app.config.ingress;
  for (let port = first; port <= last; port++) if (!taken.has(port) && (await isFree(port))) return port;
  throw new DomainError(
    'conflict',
    'noIngressPort',
    `All ports from ${first} to ${last} are in use. Switch inbound traffic off for another node server, or widen INGRESS_PORTS.`,
  );
}

/** Whether this machine has nobody listening on a port. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
