import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { MessagesPort } from './port.js';

declare module 'fastify' {
  interface FastifyInstance {
    messages: MessagesPort;
  }
}

/** Messages to and from things: stored, handed over, queried, archived, deleted when they are old. */
export const messages = fp(
  async (app: FastifyInstance) => {
    app.decorate('messages', new MessagesPort(app));
  },
  { name: 'messages', dependencies: ['core', 'http', 'mqtt', 'access', 'policies', 'things'] },
);
