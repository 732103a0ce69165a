import { AuditEntry, Id, NewUser, PageQuery, ProfileChange, page, User } from '@polyrelay/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isUniqueViolation } from '#core/database/database.js';
import { DomainError, notFound } from '#core/errors.js';
import { requireAdmin } from '#core/principal.js';
import type { KnownTokens } from '../known-tokens.js';
import { checkPassword, hashPassword } from '../passwords.js';
import { listAudit, presentUser } from '../store.js';

const tags = ['access'];

/** Users, one's own account, audit log. */
export function userRoutes(app: FastifyInstance, tokens: KnownTokens): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const { prisma } = app.database;

  routes.get(
    '/api/users',
    { schema: { summary: 'All users (admins)', tags, response: { 200: page(User) } } },
    async (request) => {
      requireAdmin(request.principal);
      const rows = await prisma.user.findMany({ orderBy: { createdAt: 'asc' } });
      return { items: rows.map(presentUser), nextCursor: null };
    },
  );

  routes.post(
    '/api/users',
    { schema: { summary: 'Add a user (admins)', tags, body: NewUser, response: { 201: User } } },
    async (request, reply) => {
      requireAdmin(request.principal);
      const { email, name, role, password } = request.body;
      const passwordHash = await hashPassword(password);
      const row = await prisma.user
        .create({ data: { email: email.toLowerCase(), name, role, passwordHash } })
        .catch(emailTaken);
      await app.audit.record({
        actor: request.principal.email,
        action: 'user.create',
        target: row.email,
        ip: request.ip,
      });
      return reply.code(201).send(presentUser(row));
    },
  );

  routes.delete(
    '/api/users/:id',
    {
      schema: {
        summary: 'Remove a user and all that is theirs (admins)',
        tags,
        params: z.object({ id: Id }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      requireAdmin(request.principal);
      const { id } = request.params;
      if (id === request.principal.userId)
        throw new DomainError('conflict', 'yourself', 'You cannot remove your own account.');
      if ((await prisma.nodeServer.count({ where: { ownerId: id } })) > 0) {
        throw new DomainError(
          'conflict',
          'hasNodeServers',
          'This user still has node servers. Delete them first, so that their workers stop.',
        );
      }
      if ((await prisma.thing.count({ where: { ownerId: id } })) > 0) {
        throw new DomainError(
          'conflict',
          'hasThings',
          'This user still has things. Delete them first, so that their connections end.',
        );
      }
      const email = await app.events.transaction(async (tx, record) => {
        const user = await tx.user.findUnique({ where: { id } });
        if (user === null) throw notFound('This user');
        await app.access.removing(tx, record, id);
        await tx.user.delete({ where: { id } });
        record({ topic: `users/${id}`, operation: 'DELETION', ownerId: null });
        return user.email;
      });
      tokens.forgetUser(id);
      app.mqtt.disconnect({ kind: 'user', id });
      await app.audit.record({
        actor: request.principal.email,
        action: 'user.delete',
        target: email,
        ip: request.ip,
      });
      return reply.code(204).send(null);
    },
  );

  routes.patch(
    '/api/users/me',
    { schema: { summary: 'Change my account', tags, body: ProfileChange, response: { 200: User } } },
    async (request) => {
      return presentUser(await changeProfile(request));
    },
  );

  async function changeProfile(request: FastifyRequest<{ Body: ProfileChange }>) {
    const { userId, email, kind, credentialId } = request.principal;
    const { name, email: newEmail, currentPassword, newPassword } = request.body;
    const user = await prisma.user.findUniqueOrThrow({ where: { id: userId } });
    // Whoever finds an open browser must not be able to take the account over.
    const sensitive =
      newPassword !== undefined || (newEmail !== undefined && newEmail.toLowerCase() !== user.email);
    if (
      sensitive &&
      user.passwordHash !== null &&
      !(await checkPassword(user.passwordHash, currentPassword ?? ''))
    ) {
      const errors = [{ path: 'currentPassword', message: 'This is not your current password' }];
      throw new DomainError(
        'forbidden',
        'wrongPassword',
        'Your current password is needed for this change.',
        { errors },
      );
    }
    const row = await app.events
      .transaction(async (tx, record) => {
        record({ topic: `users/${userId}`, operation: 'UPDATE', ownerId: null });
        // A new password ends the other sessions: perhaps it is changed because somebody else has one.
        if (newPassword !== undefined)
          await tx.session.deleteMany({
            where: { userId, ...(kind === 'session' ? { id: { not: credentialId } } : {}) },
          });
        return tx.user.update({
          where: { id: userId },
          data: {
            ...(name === undefined ? {} : { name }),
            ...(newEmail === undefined ? {} : { email: newEmail.toLowerCase() }),
            ...(newPassword === undefined ? {} : { passwordHash: await hashPassword(newPassword) }),
          },
        });
      })
      .catch(emailTaken);
    tokens.forgetUser(userId);
    if (sensitive)
      await app.audit.record({
        actor: email,
        action: 'user.change',
        detail: { password: newPassword !== undefined, email: row.email },
        ip: request.ip,
      });
    return row;
  }

  routes.get(
    '/api/audit',
    {
      schema: {
        summary: 'The audit log, newest first (admins)',
        tags,
        querystring: PageQuery,
        response: { 200: page(AuditEntry) },
      },
    },
    async (request) => {
      requireAdmin(request.principal);
      const { limit, cursor } = request.query;
      const before = cursor !== undefined && /^\d{1,18}$/.test(cursor) ? BigInt(cursor) : undefined;
      const items = await listAudit(app.database, limit, before);
      return { items, nextCursor: items.length === limit ? (items.at(-1)?.id ?? null) : null };
    },
  );
}

function emailTaken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  const errors = [{ path: 'email', message: 'Somebody has this e-mail address already' }];
  throw new DomainError('conflict', 'emailTaken', 'Somebody has this e-mail address already.', {
    errors,
    cause: error,
  });
}
