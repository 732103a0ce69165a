import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { ChannelsPort } from './port.js';

export type { ReaderIdentity, ReaderNote } from './readers/readers.js';
export type { ChannelRef } from './refs.js';
export type { NewChannelMessage, StoredChannelMessage } from './store.js';

declare module 'fastify' {
  interface FastifyInstance {
    channels: ChannelsPort;
  }
}

/** Message streams: stored with a growing key, read by cursor, kept for a while. */
export const channels = fp(
  async (app: FastifyInstance) => {
    const port = new ChannelsPort(app);
    app.decorate('channels', port);
    app.addHook('onReady', async () => port.readers.start());
    // Before the edges close: an answer that waits for a message would hold them up.
    app.addHook('preClose', async () => {
      port.waiters.close();
      await port.readers.close();
    });
  },
  { name: 'channels', dependencies: ['core', 'http', 'access'] },
);
