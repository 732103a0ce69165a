import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { ruleRoutes } from './routes.js';
import { Router } from './routing/router.js';

/** Rules: messages of things and driver values of node servers become messages of channels, each exactly once. */
export const rules = fp(
  async (app: FastifyInstance) => {
    const router = new Router(app);
    ruleRoutes(app, router);
    app.addHook('onReady', () => router.start());
    app.addHook('onClose', () => router.stop());
  },
  {
    name: 'rules',
    dependencies: ['core', 'http', 'access', 'node-servers', 'things', 'messages', 'channels'],
  },
);
