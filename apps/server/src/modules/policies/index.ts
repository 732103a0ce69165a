import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { PoliciesPort } from './port.js';
import { policyRoutes } from './routes.js';

declare module 'fastify' {
  interface FastifyInstance {
    policies: PoliciesPort;
  }
}

/** What each user may do at most, and what has been used of it. */
export const policies = fp(
  async (app: FastifyInstance) => {
    app.decorate('policies', new PoliciesPort(app));
    policyRoutes(app);
  },
  { name: 'policies', dependencies: ['core', 'http', 'access'] },
);
