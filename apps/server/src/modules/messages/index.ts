import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { deleteMessages } from './commands/delete.js';
import { Delivery } from './delivery/delivery.js';
import { deliveryRoutes } from './delivery/routes.js';
import { MessagesPort } from './port.js';
import { Retention } from './retention.js';
import { messageRoutes } from './routes.js';
import { collectTopics } from './topics.js';

declare module 'fastify' {
  interface FastifyInstance {
    messages: MessagesPort;
  }
}

/** Messages to and from things: stored, handed over, queried, archived, deleted when they are old. */
export const messages = fp(
  async (app: FastifyInstance) => {
    const delivery = new Delivery(app);
    const port = new MessagesPort(app, delivery);
    app.decorate('messages', port);
    collectTopics(app, port.writer);
    messageRoutes(app);
    keepMessages(app);
    deliveryRoutes(app);
    app.addHook('onReady', async () => delivery.start());
    app.addHook('onClose', () => delivery.stop());
  },
  { name: 'messages', dependencies: ['core', 'http', 'mqtt', 'access', 'policies', 'things'] },
);

/** Deletes messages that are older than the policies say, and those of things that are deleted. */
function keepMessages(app: FastifyInstance): void {
  app.things.onDelete(async ({ id, ownerId }) => {
    await deleteMessages(app, ownerId, { thingId: id });
  });
  const retention = new Retention(app);
  // One replica is enough: the one that changed it.
  app.events.on('policies/#', () => retention.sweep(), { localOnly: true });
  app.addHook('onReady', async () => retention.start());
  app.addHook('preClose', () => retention.close());
}
