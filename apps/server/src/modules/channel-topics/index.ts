import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Readers } from './delivery/readers.js';
import { feedTopics } from './feed/topics.js';
import { OutsidePublisher } from './outside/publisher.js';
import { EmbeddedStates } from './states/embedded.js';
import { OutsideStates } from './states/outside.js';

/** Channels over MQTT: their messages and states to who subscribes, and what is published into them. */
export const channelTopics = fp(
  async (app: FastifyInstance) => {
    feedTopics(app);
    if (app.config.mqtt.url === undefined) embedded(app);
    else outside(app);
  },
  { name: 'channel-topics', dependencies: ['core', 'mqtt', 'access', 'channels'] },
);

function embedded(app: FastifyInstance): void {
  const readers = new Readers(app);
  const states = new EmbeddedStates(app);
  app.mqtt.onConnections(readers);
  app.mqtt.onConnections(states);
  app.addHook('preClose', async () => {
    states.stop();
    await readers.stop();
  });
}

function outside(app: FastifyInstance): void {
  const publisher = new OutsidePublisher(app);
  const states = new OutsideStates(app);
  // When the broker's client stands.
  app.addHook('onReady', async () => {
    await publisher.start();
    await states.start();
  });
  app.addHook('preClose', async () => {
    await Promise.all([publisher.stop(), states.stop()]);
  });
}
