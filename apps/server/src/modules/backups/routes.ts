import { createReadStream } from 'node:fs';
import { Backup, BackupList } from '@polyrelay/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { requireAdmin } from '#core/principal.js';
import type { Actor, Backups } from './backups.js';

const tags = ['backups'];
const params = z.object({ name: z.string().max(200) });

/** Backups: list, make, download, delete. Admins only: a backup opens everything. */
export function backupRoutes(app: FastifyInstance, backups: Backups): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/api/backups',
    { schema: { summary: 'All backups, newest first (admins)', tags, response: { 200: BackupList } } },
    async (request) => {
      requireAdmin(request.principal);
      return backups.list();
    },
  );

  routes.post(
    '/api/backups',
    {
      schema: {
        summary: 'Make a backup now (admins)',
        description: 'It goes on by itself; the list and the topic `backups/+` tell how far it is.',
        tags,
        response: { 202: Backup },
      },
    },
    async (request, reply) => {
      requireAdmin(request.principal);
      return reply.code(202).send(await backups.begin(actorOf(request)));
    },
  );

  routes.get(
    '/api/backups/:name',
    { schema: { summary: 'Download a backup (admins)', tags, params, response: { 200: z.any() } } },
    async (request, reply) => {
      requireAdmin(request.principal);
      const { name, path, bytes } = await backups.find(request.params.name);
      const { name: actor, ...from } = actorOf(request);
      await app.audit.record({ actor, action: 'backup.download', target: name, ...from });
      return reply
        .type('application/octet-stream')
        .header('content-length', bytes)
        .header('content-disposition', `attachment; filename="${name}"`)
        .header('cache-control', 'no-store')
        .send(createReadStream(path));
    },
  );

  routes.delete(
    '/api/backups/:name',
    { schema: { summary: 'Delete a backup (admins)', tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      requireAdmin(request.principal);
      await backups.remove(request.params.name, actorOf(request));
      return reply.code(204).send(null);
    },
  );
}

const actorOf = ({ principal, ip }: FastifyRequest): Actor => ({ name: principal.email, ip });
