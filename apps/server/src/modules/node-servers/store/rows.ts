import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import { owns, type Principal } from '#core/principal.js';
import type { Controller, NodeServer } from '#generated/prisma/client.js';

export type NodeServerRow = NodeServer & { controller: Controller };

/** Reads a node server that the caller may see. @throws DomainError `notFound` */
export async function loadNodeServer(
  app: FastifyInstance,
  principal: Principal,
  id: string,
): Promise<NodeServerRow> {
  const row = await app.database.prisma.nodeServer.findUnique({
    where: { id },
    include: { controller: true },
  });
  if (row === null || !owns(principal, row.ownerId)) throw notFound('This node server');
  return row;
}

/** Places of encrypted columns: the row they belong to is authenticated with the value. */
export const secretPlace = (
  column: 'custom_data' | 'oauth_client_secret' | 'pg_secret' | 'private_key',
  worker: string,
): string => `node_servers.${column}:${worker}`;
