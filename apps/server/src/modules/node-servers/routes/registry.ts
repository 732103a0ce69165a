import {
  FieldError,
  Id,
  NodeServer,
  NodeServerChange,
  NodeServerRequest,
  NodeServerSummary,
  PageQuery,
  page,
} from '@polyrelay/contract';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError } from '#core/errors.js';
import { fetchText } from '#core/outgoing.js';
import { isAdmin, type Principal } from '#core/principal.js';
import { checkUnlessForm } from '#edges/http/form-or-json.js';
import { changeNodeServer } from '../commands/change.js';
import { registerNodeServer } from '../commands/register.js';
import { beginRemoval, finishRemoval } from '../commands/remove.js';
import type { Context } from '../context.js';
import { presentNodeServer, presentSummary } from '../present.js';
import { loadNodeServer, type NodeServerRow } from '../store/rows.js';
import { readUpload, removeArchives } from '../uploads.js';
import { checkServerJson, parseRequest } from '../validate.js';

const tags = ['node servers'];
const params = z.object({ id: Id });

/** A server.json is never larger; a longer answer is something else. */
const MAX_SERVER_JSON_BYTES = 256 * 1024;

const COUNTS = { _count: { select: { notices: true, nodes: true } } } as const;

/** Registering, listing, changing and deleting node servers. */
export function registryRoutes(context: Context): void {
  const { app } = context;
  const { prisma } = app.database;
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post(
    '/api/node-servers',
    {
      attachValidation: true,
      schema: {
        summary: 'Register a node server by its server.json',
        description:
          'As JSON; or with a zip as multipart/form-data: field `request` (the same JSON) and file `archive`.',
        tags,
        body: NodeServerRequest,
        response: { 201: NodeServer },
      },
    },
    async (request, reply) => {
      checkUnlessForm(request);
      if (!request.isMultipart()) {
        const body = request.body as z.output<typeof NodeServerRequest>;
        // Names a file of the service: only the service says which.
        if (body.source !== undefined && 'archive' in body.source) throw ARCHIVE_BY_NAME;
        return reply.code(201).send(await registerNodeServer(context, request.principal, body));
      }
      const upload = await readUpload(app, request);
      try {
        const body = { ...(upload.request as object), source: { archive: upload.archive } };
        return reply
          .code(201)
          .send(await registerNodeServer(context, request.principal, parseRequest(NodeServerRequest, body)));
      } catch (error) {
        await removeArchives(app, [upload]);
        throw error;
      }
    },
  );

  routes.post(
    '/api/node-servers/validate',
    {
      schema: {
        summary: 'Check a server.json, given or fetched from a URL',
        tags,
        body: z.union([z.object({ url: z.string().max(2000) }), z.object({ serverJson: z.unknown() })]),
        response: {
          200: z.object({
            valid: z.boolean(),
            errors: z.array(FieldError),
            // Not the schema itself: it converts, and an answer cannot be made from it.
            serverJson: z.record(z.string(), z.unknown()).nullable(),
          }),
        },
      },
    },
    async ({ body }) => {
      const input =
        'url' in body
          ? await fetchText(body.url, {
              maxBytes: MAX_SERVER_JSON_BYTES,
              allowPrivate: app.config.allowPrivateUrls,
            })
          : body.serverJson;
      const { serverJson, errors } = checkServerJson(input);
      return { valid: serverJson !== null, errors, serverJson };
    },
  );

  routes.get(
    '/api/node-servers',
    {
      schema: {
        summary: 'My node servers',
        tags,
        querystring: PageQuery,
        response: { 200: page(NodeServerSummary) },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const rows = await prisma.nodeServer.findMany({
        where: mine(request.principal),
        include: { controller: true, ...COUNTS },
        orderBy: [{ timeAdded: 'asc' }, { id: 'asc' }],
        take: limit + 1,
        ...(cursor === undefined || !Id.safeParse(cursor).success ? {} : { cursor: { id: cursor }, skip: 1 }),
      });
      const items = rows.slice(0, limit);
      return {
        items: items.map((row) => presentSummary(app, row, row._count)),
        nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null,
      };
    },
  );

  routes.get(
    '/api/node-servers/:id',
    { schema: { summary: 'One node server', tags, params, response: { 200: NodeServer } } },
    async (request) => show(await loadNodeServer(app, request.principal, request.params.id)),
  );

  routes.patch(
    '/api/node-servers/:id',
    {
      schema: {
        summary: 'Change a node server',
        tags,
        params,
        body: NodeServerChange,
        response: { 200: NodeServer },
      },
    },
    async (request) => {
      const row = await loadNodeServer(app, request.principal, request.params.id);
      await changeNodeServer(context, request.principal, row, request.body);
      if (request.body.ingress !== undefined) {
        await app.audit.record({
          actor: request.principal.email,
          action: request.body.ingress ? 'nodeServer.ingressOn' : 'nodeServer.ingressOff',
          target: row.name,
          detail: { id: row.id },
          ip: request.ip,
        });
      }
      return show(await loadNodeServer(app, request.principal, row.id));
    },
  );

  routes.delete(
    '/api/node-servers/:id',
    {
      schema: {
        summary: 'Delete a node server; its worker has 5 seconds to clean up',
        tags,
        params,
        response: { 202: z.object({ state: z.literal('deleting') }) },
      },
    },
    async (request, reply) => {
      const row = await loadNodeServer(app, request.principal, request.params.id);
      if (row.state !== 'deleting') {
        await beginRemoval(context, row);
        await app.audit.record({
          actor: request.principal.email,
          action: 'nodeServer.delete',
          target: row.name,
          detail: { id: row.id },
          ip: request.ip,
        });
        finishRemoval(context, row).catch((error: unknown) =>
          app.logger.error({ err: error }, 'a node server could not be deleted; the next start tries again'),
        );
      }
      return reply.code(202).send({ state: 'deleting' });
    },
  );

  async function show(row: NodeServerRow): Promise<NodeServer> {
    const where = { nodeServerId: row.id };
    const [notices, nodes] = await Promise.all([
      prisma.notice.findMany({ where, orderBy: { raisedAt: 'asc' } }),
      prisma.node.findMany({ where, include: { drivers: true }, orderBy: { timeAdded: 'asc' } }),
    ]);
    return presentNodeServer(app, row, notices, nodes);
  }
}

const ARCHIVE_BY_NAME = new DomainError(
  'invalid',
  'badUpload',
  'Send the zip itself: as multipart/form-data, with file “archive” and the registration in field “request”.',
  { errors: [{ path: 'source.archive', message: 'A zip is uploaded with the registration' }] },
);

const mine = (principal: Principal) => (isAdmin(principal) ? {} : { ownerId: principal.userId });
