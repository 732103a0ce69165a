import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { ChannelsPort } from './port.js';

declare module 'fastify' {
  interface FastifyInstance {
    channels: ChannelsPort;
  }
}

/** Message streams: stored with a growing key, read by cursor, kept for a while. */
export const channels = fp(
  async (app: FastifyInstance) => {
    app.decorate('channels', new ChannelsPort(app));
  },
  { name: 'channels', dependencies: ['core', 'http', 'access'] },
);
