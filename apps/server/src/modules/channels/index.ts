import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { ChannelsPort } from './port.js';
import { channelRoutes } from './routes/channels.js';
import { messageRoutes } from './routes/messages.js';
import { postRoute } from './routes/post.js';
import { readerRoutes } from './routes/readers.js';
import { receiverRoute } from './routes/receiver.js';
import { Sweeper } from './sweep/sweeper.js';

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
    channelRoutes(app);
    messageRoutes(app);
    readerRoutes(app);
    receiverRoute(app);
    await app.register(postRoute);

    app.access.onUserRemoval(async (tx, record, ownerId) => {
      for (const { id, name } of await tx.channel.findMany({ where: { ownerId } }))
        record({ topic: `channels/${id}`, operation: 'DELETION', ownerId, payload: { name } });
    });

    const sweeper = new Sweeper(app);
    app.metrics.gauge(
      'polyrelay_channel_reads_waiting',
      'Reads that wait for a message',
      () => port.waiters.count,
    );
    app.addHook('onReady', async () => {
      port.readers.start();
      port.minutes.start();
      sweeper.start();
    });
    // Before the edges close: an answer that waits for a message would hold them up.
    app.addHook('preClose', async () => {
      port.waiters.close();
      await sweeper.close();
    });
    // Behind the last read and the last message.
    app.addHook('onClose', async () => {
      await port.readers.close();
      await port.minutes.close();
    });
  },
  { name: 'channels', dependencies: ['core', 'http', 'access'] },
);
