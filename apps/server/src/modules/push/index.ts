import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { PushListener } from './listener.js';

declare module 'fastify' {
  interface FastifyInstance {
    push: PushListener;
  }
}

/** Push monitors over TCP: takes connections of applications and writes the blocks of their monitors to them. */
export const push = fp(
  async (app: FastifyInstance) => {
    const listener = new PushListener(app);
    app.decorate('push', listener);
    app.addHook('onReady', () => listener.start());
    app.addHook('preClose', () => listener.stop());
  },
  { name: 'push', dependencies: ['core', 'access', 'monitors'] },
);
