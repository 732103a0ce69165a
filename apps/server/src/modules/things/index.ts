import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { ThingsPort } from './port.js';
import { thingRoutes } from './routes.js';

export type { ThingRef } from './refs.js';

declare module 'fastify' {
  interface FastifyInstance {
    things: ThingsPort;
  }
}

/** Things: provisioning, keys and certificates, their rights on the broker, and the software they download. */
export const things = fp(
  async (app: FastifyInstance) => {
    const port = new ThingsPort(app);
    app.decorate('things', port);
    thingRoutes(app);
  },
  { name: 'things', dependencies: ['core', 'http', 'mqtt', 'access', 'policies'] },
);
