import { CustomParams, Id, Notice, PollsRequest, ProfileDescription, page } from '@polyrelay/contract';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notFound } from '#core/errors.js';
import { isAdmin } from '#core/principal.js';
import { replaceCustomParams, replaceNotices, setPolls } from '../commands/worker-data.js';
import type { Context } from '../context.js';
import { presentNotice } from '../notices.js';
import { loadNodeServer } from '../store/rows.js';

const tags = ['node servers'];
const params = z.object({ id: Id });

/** As stored: what was asked for may be text, and an answer cannot be made from a schema that converts. */
const Polls = z.object({ shortPoll: z.number().int(), longPoll: z.number().int() });

/** What the worker sees and the user may change: parameters, polls, notices. */
export function workerDataRoutes(context: Context): void {
  const { app, link } = context;
  const { prisma } = app.database;
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.put(
    '/api/node-servers/:id/custom-params',
    {
      schema: {
        summary: 'Replace the custom parameters',
        tags,
        params,
        body: CustomParams,
        response: { 200: CustomParams },
      },
    },
    async (request) => {
      const row = await loadNodeServer(app, request.principal, request.params.id);
      await replaceCustomParams(context, row, request.body);
      link.configNeeded(row, true);
      return request.body;
    },
  );

  routes.put(
    '/api/node-servers/:id/polls',
    {
      schema: {
        summary: 'Set the seconds between polls',
        tags,
        params,
        body: PollsRequest,
        response: { 200: Polls },
      },
    },
    async (request) => {
      const row = await loadNodeServer(app, request.principal, request.params.id);
      const { shortPoll, longPoll } = request.body;
      await setPolls(context, row, { shortPoll, longPoll });
      await link.send(row, { polls: { shortPoll, longPoll } });
      link.configNeeded(row, true);
      return { shortPoll, longPoll };
    },
  );

  routes.get(
    '/api/node-servers/:id/profile',
    {
      schema: {
        summary: 'What the profile files say: names, units, commands',
        tags,
        params,
        response: { 200: ProfileDescription },
      },
    },
    async (request) => {
      const { id } = await loadNodeServer(app, request.principal, request.params.id);
      return app.profiles.describe(id);
    },
  );

  routes.get(
    '/api/node-servers/:id/notices',
    { schema: { summary: 'Notices of a node server', tags, params, response: { 200: page(Notice) } } },
    async (request) => {
      const row = await loadNodeServer(app, request.principal, request.params.id);
      const notices = await prisma.notice.findMany({
        where: { nodeServerId: row.id },
        orderBy: { raisedAt: 'asc' },
      });
      return {
        items: notices.map(({ key, content, raisedAt }) => presentNotice(row, key, content, raisedAt)),
        nextCursor: null,
      };
    },
  );

  routes.get(
    '/api/notices',
    {
      schema: {
        summary: 'Notices of all my node servers',
        tags,
        response: { 200: page(Notice.extend({ nodeServer: z.object({ id: Id, name: z.string() }) })) },
      },
    },
    async (request) => {
      const { principal } = request;
      const notices = await prisma.notice.findMany({
        where: isAdmin(principal) ? {} : { nodeServer: { ownerId: principal.userId } },
        include: { nodeServer: { select: { id: true, name: true, worker: true } } },
        orderBy: { raisedAt: 'desc' },
        take: 500,
      });
      const items = notices.map(({ key, content, raisedAt, nodeServer }) => ({
        ...presentNotice(nodeServer, key, content, raisedAt),
        nodeServer: { id: nodeServer.id, name: nodeServer.name },
      }));
      return { items, nextCursor: null };
    },
  );

  routes.delete(
    '/api/node-servers/:id/notices/:key',
    {
      schema: {
        summary: 'Dismiss a notice',
        tags,
        params: params.extend({ key: z.string().min(1).max(500) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const row = await loadNodeServer(app, request.principal, request.params.id);
      const notices = await prisma.notice.findMany({ where: { nodeServerId: row.id } });
      const left = notices.filter(({ key }) => key !== request.params.key);
      if (left.length === notices.length) throw notFound('This notice');
      await replaceNotices(context, row, Object.fromEntries(left.map(({ key, content }) => [key, content])));
      link.configNeeded(row, true);
      return reply.code(204).send(null);
    },
  );
}
