import { fedChannel } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError, notFound } from '#core/errors.js';
import type { MqttMessage } from '#edges/mqtt/index.js';
import { Feed, type FeedSource, tellRefused } from './feed.js';
import { FeedTargets } from './targets.js';

/** A publish, and whose it is: with an outside broker the topic says so. */
interface Published {
  userId: string | undefined;
  source: FeedSource;
}

/** Adds to channels what is published on their topics. */
export function feedTopics(app: FastifyInstance): void {
  const feed = new Feed(app);
  const targets = new FeedTargets(app);

  const ofTopic = (userId: string, topic: string): FeedSource => ({
    key: `${userId} ${topic}`,
    channels: async () => {
      const ids = await targets.of(userId, topic);
      const refs = await Promise.all(ids.map((id) => app.channels.find(id)));
      return refs.filter((ref) => ref !== undefined);
    },
  });

  /** @param userId who published; undefined: an outside broker let it pass */
  const ofChannel = (userId: string | undefined, id: number): FeedSource => ({
    key: `${userId} #${id}`,
    channels: async () => {
      const ref = await app.channels.find(id);
      if (ref === undefined || (userId !== undefined && ref.ownerId !== userId))
        throw notFound('This channel');
      return [ref];
    },
  });

  async function take(message: MqttMessage, { userId, source }: Published): Promise<void> {
    try {
      await feed.add(source, message.payload);
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
      // It is acknowledged, since it would be refused again; the audit log says why.
      const user = userId === undefined ? undefined : await app.access.user(userId);
      await tellRefused(app, user?.email ?? 'mqtt', message.topic, error);
    }
  }

  app.mqtt.on('polyrelay/channels/+', async (message) => {
    const id = fedChannel(message.topic);
    const userId = message.identity?.id;
    if (id !== undefined) await take(message, { userId, source: ofChannel(userId, id) });
  });

  // An outside broker does not tell who published, so there the topic says whose it is.
  if (app.config.mqtt.url !== undefined)
    app.mqtt.on('polyrelay/users/+/#', async (message) => {
      const [, , userId = '', ...rest] = message.topic.split('/');
      const topic = rest.join('/');
      const isFeed = UUID.test(userId) && (await targets.of(userId, topic)).length > 0;
      if (isFeed) await take(message, { userId, source: ofTopic(userId, topic) });
    });

  app.mqtt.onUserMessage(async (message) => {
    const userId = message.identity?.id;
    if (userId === undefined || (await targets.of(userId, message.topic)).length === 0) return;
    await take(message, { userId, source: ofTopic(userId, message.topic) });
  });
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
