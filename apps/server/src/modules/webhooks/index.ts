import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Lanes } from '#edges/mqtt/lanes.js';
import { OverMqtt } from './deliver/over-mqtt.js';
import { receiveWebhooks } from './receive.js';
import { webhookRoutes } from './routes.js';
import { resealWebhooks, setTaken, urlOf, webhookOf, webhookSecrets } from './store.js';

/** Webhooks: a URL for each node server, from which calls reach its worker, and its answer the caller. */
export const webhooks = fp(
  async (app: FastifyInstance) => {
    const { nodeServers } = app;
    const overMqtt = new OverMqtt(app);
    const lanes = new Lanes();
    nodeServers.webhookUrl = async (nodeServer) => urlOf(app, await webhookOf(app, nodeServer));

    /** What a worker says of itself is noted in the order it says it. */
    const note = (worker: string, taken: boolean): void => {
      lanes
        .run(worker, true, async () => {
          const ref = await nodeServers.byWorker(worker);
          if (ref === undefined) return;
          const row = taken ? await webhookOf(app, ref) : undefined;
          await setTaken(app, ref, taken);
          if (row !== undefined) await nodeServers.send(ref, { webhooks: { url: urlOf(app, row) } });
        })
        .catch((error: unknown) =>
          app.logger.warn({ err: error }, 'it could not be noted that a worker takes webhooks'),
        );
    };
    nodeServers.signals.on('webhooks', ({ worker, taken }) => note(worker, taken));
    nodeServers.signals.on('connection', ({ worker, connected }) => {
      if (!connected) note(worker, false);
    });
    nodeServers.signals.on('webhookResponse', ({ nodeServerId, worker, response }) =>
      overMqtt.answer(nodeServerId, response, (why, isForeign) => {
        const text = `Refused webhookResponse: ${why}`;
        nodeServers.signals.emit('diagnostic', {
          nodeServerId,
          level: isForeign ? 'error' : 'warning',
          text,
        });
        if (!isForeign) return;
        const detail = { what: 'webhookResponse', why };
        void app.audit.recordSeldom({ actor: `worker ${worker}`, action: 'message.refused', detail });
      }),
    );

    nodeServers.addSecrets((id) => webhookSecrets(app, id));
    webhookRoutes(app);
    receiveWebhooks(app, overMqtt);
    await resealWebhooks(app);
    // Connections to the embedded broker ended with the last run; an outside broker has kept them.
    if (app.config.mqtt.url === undefined)
      await app.database.prisma.webhook.updateMany({ where: { taken: true }, data: { taken: false } });
    app.addHook('preClose', async () => overMqtt.stop());
  },
  { name: 'webhooks', dependencies: ['node-servers', 'access', 'http'] },
);
