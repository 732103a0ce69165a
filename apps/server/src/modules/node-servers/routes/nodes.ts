import {
  CommandAnswer,
  DriverHistory,
  DriverName,
  Id,
  Node,
  NodeAddress,
  NodeCommand,
  PageQuery,
  page,
  Timestamp,
} from '@polyrelay/contract';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notFound } from '#core/errors.js';
import { removeNodes } from '../commands/nodes.js';
import { sendCommand, sendQuery } from '../commands/send-command.js';
import type { Context } from '../context.js';
import { presentNode } from '../present.js';
import { readHistory } from '../store/history.js';
import { loadNodeServer } from '../store/rows.js';

const tags = ['nodes'];
const params = z.object({ id: Id, address: NodeAddress });

/** Nodes of a node server: their values, history, commands. */
export function nodeRoutes(context: Context): void {
  const { app } = context;
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/api/node-servers/:id/nodes',
    {
      schema: {
        summary: 'Nodes with their values',
        tags,
        params: z.object({ id: Id }),
        querystring: PageQuery,
        response: { 200: page(Node) },
      },
    },
    async (request) => {
      const { id } = await loadNodeServer(app, request.principal, request.params.id);
      const { limit, cursor } = request.query;
      const rows = await app.database.prisma.node.findMany({
        where: { nodeServerId: id, ...(cursor === undefined ? {} : { address: { gt: cursor } }) },
        include: { drivers: true },
        orderBy: { address: 'asc' },
        take: limit,
      });
      return {
        items: rows.map(presentNode),
        nextCursor: rows.length === limit ? (rows.at(-1)?.address ?? null) : null,
      };
    },
  );

  routes.delete(
    '/api/node-servers/:id/nodes/:address',
    { schema: { summary: 'Remove a node', tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      const row = await loadNodeServer(app, request.principal, request.params.id);
      const removed = await removeNodes(context, row, [request.params.address]);
      if (removed.length === 0) throw notFound(`The node ${request.params.address}`);
      context.link.configNeeded(row, true);
      return reply.code(204).send(null);
    },
  );

  routes.post(
    '/api/node-servers/:id/nodes/:address/commands',
    {
      schema: {
        summary: 'Send a node a command',
        tags,
        params,
        body: NodeCommand,
        response: { 202: CommandAnswer },
      },
    },
    async (request, reply) => {
      const row = await loadNodeServer(app, request.principal, request.params.id);
      return reply.code(202).send(await sendCommand(context, row, request.params.address, request.body));
    },
  );

  routes.post(
    '/api/node-servers/:id/nodes/:address/query',
    {
      schema: {
        summary: 'Ask a node (or `all`) to report its values',
        tags,
        params,
        response: { 202: CommandAnswer },
      },
    },
    async (request, reply) => {
      const row = await loadNodeServer(app, request.principal, request.params.id);
      return reply.code(202).send(await sendQuery(context, row, request.params.address));
    },
  );

  routes.get(
    '/api/node-servers/:id/nodes/:address/drivers/:driver/history',
    {
      schema: {
        summary: 'Samples of a driver for a plot',
        tags,
        params: params.extend({ driver: DriverName }),
        querystring: z.object({
          from: Timestamp.optional(),
          to: Timestamp.optional(),
          points: z.coerce.number().int().min(2).max(2000).default(500),
        }),
        response: { 200: DriverHistory },
      },
    },
    async (request) => {
      const { id } = await loadNodeServer(app, request.principal, request.params.id);
      const { address, driver } = request.params;
      const to = new Date(request.query.to ?? Date.now());
      const from = new Date(request.query.from ?? to.getTime() - 24 * 3_600_000);
      const history = await readHistory(app.database.pool, {
        nodeServerId: id,
        address,
        driver,
        from,
        to,
        points: request.query.points,
      });
      if (history === undefined) throw notFound(`The driver ${driver} of ${address}`);
      return history;
    },
  );
}
