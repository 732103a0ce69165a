import { Id, Webhook } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError } from '#core/errors.js';
import type { NodeServerInfo } from './guard.js';
import { presentWebhook, renewWebhook, urlOf, webhookOf } from './store.js';

const tags = ['webhooks'];
const params = z.object({ id: Id });

/** Showing and renewing a webhook URL: for its owner. */
export function webhookRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const path = '/api/node-servers/:id/webhook';

  routes.get(
    path,
    {
      schema: {
        summary: 'The webhook URL of a node server, and who takes what comes',
        tags,
        params,
        response: { 200: Webhook },
      },
    },
    async (request, reply) => {
      const info = await app.nodeServers.find(request.principal, request.params.id);
      return reply.header('cache-control', 'no-store').send(await show(info));
    },
  );

  routes.post(
    path,
    {
      schema: {
        summary: 'Renew the webhook URL; the old one is unknown at once',
        tags,
        params,
        response: { 200: Webhook },
      },
    },
    async (request, reply) => {
      const info = await app.nodeServers.find(request.principal, request.params.id);
      if (info.state === 'deleting')
        throw new DomainError('conflict', 'beingDeleted', 'This node server is being deleted.');
      const row = await renewWebhook(app, info);
      await app.audit.record({
        actor: request.principal.email,
        action: 'nodeServer.webhookRenew',
        target: info.name,
        detail: { id: info.id },
        ip: request.ip,
      });
      if (row.taken) await app.nodeServers.send(info, { webhooks: { url: urlOf(app, row) } });
      // Its `netInfo` names the URL.
      if (info.ingressPort !== undefined) app.nodeServers.configNeeded(info);
      return reply.header('cache-control', 'no-store').send(await show(info));
    },
  );

  async function show(info: NodeServerInfo): Promise<Webhook> {
    const row = await webhookOf(app, info);
    return presentWebhook(app, row, takenBy(info, row.taken));
  }
}

const takenBy = ({ connected, ingressPort }: NodeServerInfo, taken: boolean): Webhook['takenBy'] => {
  if (!connected) return 'nobody';
  if (taken) return 'worker';
  return ingressPort === undefined ? 'nobody' : 'ingress';
};
