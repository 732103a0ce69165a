import { Controller, ControllerRequest, Id, page } from '@polyrelay/contract';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isUniqueViolation } from '#core/database/database.js';
import { DomainError, notFound } from '#core/errors.js';
import { owns } from '#core/principal.js';
import { homeController, newControllerUuid, presentController } from '../commands/controllers.js';
import type { Context } from '../context.js';

const tags = ['controllers'];
const params = z.object({ id: Id });
const SLOTS = { nodeServers: { select: { slot: true } } } as const;

/** Home controllers: each has 25 slots. */
export function controllerRoutes({ app }: Context): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const { prisma } = app.database;

  routes.get(
    '/api/controllers',
    { schema: { summary: 'My controllers', tags, response: { 200: page(Controller) } } },
    async (request) => {
      const { userId } = request.principal;
      await homeController(app, userId);
      const rows = await prisma.controller.findMany({
        where: { ownerId: userId },
        include: SLOTS,
        orderBy: { createdAt: 'asc' },
      });
      return { items: rows.map(presentController), nextCursor: null };
    },
  );

  routes.post(
    '/api/controllers',
    { schema: { summary: 'Add a controller', tags, body: ControllerRequest, response: { 201: Controller } } },
    async (request, reply) => {
      const { name, uuid = newControllerUuid(), version } = request.body;
      const { userId } = request.principal;
      await homeController(app, userId);
      const row = await prisma.controller
        .create({
          data: { ownerId: userId, name, uuid, ...(version === undefined ? {} : { version }) },
          include: SLOTS,
        })
        .catch(uuidTaken);
      return reply.code(201).send(presentController(row));
    },
  );

  routes.patch(
    '/api/controllers/:id',
    {
      schema: {
        summary: 'Change a controller',
        tags,
        params,
        body: ControllerRequest.partial(),
        response: { 200: Controller },
      },
    },
    async (request) => {
      await load(request.params.id, request.principal);
      const { name, uuid, version } = request.body;
      const data = {
        ...(name === undefined ? {} : { name }),
        ...(uuid === undefined ? {} : { uuid }),
        ...(version === undefined ? {} : { version }),
      };
      const { id } = request.params;
      const changed = await app.events
        .transaction(async (tx, record) => {
          const row = await tx.controller.update({ where: { id }, data, include: SLOTS });
          const { ownerId } = row;
          record({ topic: `controllers/${id}`, operation: 'UPDATE', ownerId, payload: data });
          return row;
        })
        .catch(uuidTaken);
      return presentController(changed);
    },
  );

  routes.delete(
    '/api/controllers/:id',
    {
      schema: {
        summary: 'Remove a controller without node servers',
        tags,
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const row = await load(request.params.id, request.principal);
      if (row.nodeServers.length > 0)
        throw new DomainError(
          'conflict',
          'hasNodeServers',
          `“${row.name}” still has node servers. Delete them first.`,
        );
      await prisma.controller.delete({ where: { id: row.id } });
      return reply.code(204).send(null);
    },
  );

  async function load(id: string, principal: Parameters<typeof owns>[0]) {
    const row = await prisma.controller.findUnique({ where: { id }, include: SLOTS });
    if (row === null || !owns(principal, row.ownerId)) throw notFound('This controller');
    return row;
  }
}

function uuidTaken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  const message = 'You have a controller with this id already.';
  throw new DomainError('conflict', 'uuidTaken', message, {
    cause: error,
    errors: [{ path: 'uuid', message }],
  });
}
