import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Approvals } from './approvals.js';
import { Relay } from './relay.js';
import { oauthRoutes } from './routes.js';
import { deleteOld } from './store.js';

const SWEEP_MS = 3_600_000;

/** The OAuth relay: from a notice's link to the provider and back to the worker. */
export const oauth = fp(
  async (app: FastifyInstance) => {
    const relay = new Relay(app);
    const approvals = new Approvals(app, relay);
    relay.start();
    oauthRoutes(app, relay, approvals);
    const sweep = setInterval(() => {
      deleteOld(app.database.pool).catch((error: unknown) =>
        app.logger.warn({ err: error }, 'old sign-ins could not be deleted'),
      );
    }, SWEEP_MS);
    sweep.unref();
    app.addHook('onClose', async () => {
      clearInterval(sweep);
      relay.stop();
      approvals.stop();
    });
  },
  { name: 'oauth', dependencies: ['node-servers', 'access'] },
);
