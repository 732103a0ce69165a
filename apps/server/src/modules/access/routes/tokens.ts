import { AccessToken, AccessTokenRequest, CreatedAccessToken, Id, page } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError, notFound } from '#core/errors.js';
import type { KnownTokens } from '../known-tokens.js';
import { tokenRevoked } from '../revocations.js';
import { presentToken } from '../store.js';
import { makeToken, storedAccess } from '../tokens.js';

const tags = ['access'];

/** Personal access tokens. */
export function tokenRoutes(app: FastifyInstance, tokens: KnownTokens): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const { prisma } = app.database;

  routes.post(
    '/api/access-tokens',
    {
      schema: {
        summary: 'Make an access token; it is shown once',
        tags,
        body: AccessTokenRequest,
        response: { 201: CreatedAccessToken },
      },
    },
    async (request, reply) => {
      const { name, expiresAt, access } = request.body;
      if (expiresAt !== undefined && new Date(expiresAt) <= new Date()) {
        const errors = [{ path: 'expiresAt', message: 'Must lie in the future' }];
        throw new DomainError('invalid', 'invalidRequest', 'expiresAt: Must lie in the future', { errors });
      }
      const { token, stored } = makeToken();
      const { userId, email } = request.principal;
      const row = await prisma.accessToken.create({
        data: {
          userId,
          name,
          ...stored,
          ...storedAccess(access),
          expiresAt: expiresAt ?? null,
        },
      });
      await app.audit.record({ actor: email, action: 'accessToken.create', target: name, ip: request.ip });
      return reply.code(201).send({ ...presentToken(row), token });
    },
  );

  routes.get(
    '/api/access-tokens',
    { schema: { summary: 'My access tokens', tags, response: { 200: page(AccessToken) } } },
    async (request) => {
      const rows = await prisma.accessToken.findMany({
        where: { userId: request.principal.userId },
        orderBy: { createdAt: 'desc' },
      });
      return { items: rows.map(presentToken), nextCursor: null };
    },
  );

  routes.delete(
    '/api/access-tokens/:id',
    {
      schema: {
        summary: 'Revoke an access token',
        tags,
        params: z.object({ id: Id }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { userId, email } = request.principal;
      const { id } = request.params;
      await app.events.transaction(async (tx, record) => {
        const { count } = await tx.accessToken.deleteMany({ where: { id, userId } });
        if (count === 0) throw notFound('This access token');
        record(tokenRevoked(id, userId));
      });
      tokens.forgetUser(userId);
      app.mqtt.disconnect({ kind: 'user', id: userId, credentialId: id });
      await app.audit.record({
        actor: email,
        action: 'accessToken.revoke',
        target: id,
        ip: request.ip,
      });
      return reply.code(204).send(null);
    },
  );
}
