import type { FastifyInstance } from 'fastify';
import { BatchQueue } from '#core/batch-queue.js';
import type { DomainError } from '#core/errors.js';

type ChannelRef = NonNullable<Awaited<ReturnType<FastifyInstance['channels']['find']>>>;
type NewMessages = ReturnType<FastifyInstance['channels']['parse']>;

/** Where messages come from: a user's topic, or a channel's own. */
export interface FeedSource {
  /** The same for everything that must stay in order. */
  key: string;
  /** The channels it feeds at the moment, in the order of their ids. */
  channels(): Promise<ChannelRef[]>;
}

/** What a publish brought. */
interface Post {
  messages: NewMessages;
  bytes: number;
}

/** Messages of one transaction at the most; a long one counts as several. */
const MAX_BATCH = 5000;
const BYTES_OF_ONE = 2048;

/**
 * Adds to channels what is published. Each source has a queue of its own: what came while one batch was written is the
 * next, so its messages stay in order, also while the database is away. Several channels of a topic get the same
 * messages in one transaction.
 */
export class Feed {
  readonly #app: FastifyInstance;
  readonly #queues = new Map<string, BatchQueue<Post, undefined>>();

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  /** Resolves when all channels have the messages. @throws DomainError when none has taken them */
  async add(source: FeedSource, payload: Buffer): Promise<void> {
    const messages = this.#app.channels.parse(payload);
    const queue = this.#queues.get(source.key) ?? this.#queue(source);
    this.#queues.set(source.key, queue);
    try {
      await queue.add([{ messages, bytes: payload.length }]);
    } finally {
      if (queue.idle) this.#queues.delete(source.key);
    }
  }

  #queue(source: FeedSource): BatchQueue<Post, undefined> {
    return new BatchQueue<Post, undefined>({
      max: MAX_BATCH,
      weigh: ({ messages, bytes }) => messages.length + Math.floor(bytes / BYTES_OF_ONE),
      write: (posts) => this.#app.mqtt.untilCommitted(() => this.#write(source, posts)),
    });
  }

  async #write(source: FeedSource, posts: Post[]): Promise<undefined[]> {
    const { events, channels } = this.#app;
    const messages = posts.flatMap((post) => post.messages);
    const targets = await source.channels();
    // One that is disabled does not keep the others from theirs; where all are, the first one says so.
    const enabled = targets.filter((channel) => channel.enabled);
    const takers = enabled.length > 0 ? enabled : targets.slice(0, 1);
    await events.sql(async (client, record) => {
      for (const channel of takers) await channels.appendWith(client, record, channel, messages);
    });
    return posts.map(() => undefined);
  }
}

/** Says in the audit log of whom what was not taken, and why. */
export async function tellRefused(
  app: FastifyInstance,
  actor: string,
  topic: string,
  { code, message }: DomainError,
): Promise<void> {
  await app.audit.recordSeldom({
    actor,
    action: 'message.refused',
    target: topic,
    detail: { topic, code, why: message },
  });
}
