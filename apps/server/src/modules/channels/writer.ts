import type { Appended } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import { BatchQueue } from '#core/batch-queue.js';
import { DomainError, notFound } from '#core/errors.js';
import type { Recorder } from '#core/events/types.js';
import type { ChannelRef } from './refs.js';
import { appendMessages, type NewChannelMessage, sumOfBytes } from './store.js';

/** What one caller adds to one channel. */
interface Post {
  channel: ChannelRef;
  messages: NewChannelMessage[];
}

/** Messages of one transaction at the most; a long one counts as several. */
const MAX_BATCH = 5000;
const BYTES_OF_ONE = 2048;

/** Channels of different queues do not wait for each other. */
const QUEUES = 4;

/** Adds messages to channels: what comes for them at the same time shares a transaction, and each caller's stay together. */
export class AppendWriter {
  readonly #app: FastifyInstance;
  readonly #queues: BatchQueue<Post, Appended | DomainError>[];

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#queues = Array.from(
      { length: QUEUES },
      () => new BatchQueue({ max: MAX_BATCH, weigh, write: (posts: Post[]) => this.#write(posts) }),
    );
  }

  /** Resolves when all are committed. @throws notFound, conflict `channelDisabled` */
  async append(channel: ChannelRef, messages: NewChannelMessage[]): Promise<Appended> {
    if (!channel.enabled) throw channelDisabled(channel);
    const [result] = await (
      this.#queues[channel.id % QUEUES] as BatchQueue<Post, Appended | DomainError>
    ).add([{ channel, messages }]);
    if (result instanceof DomainError) throw result;
    return result as Appended;
  }

  /** In one transaction, channels in the order of their ids. */
  #write(posts: Post[]): Promise<(Appended | DomainError)[]> {
    const ofChannels = [...byChannel(posts)].sort(([a], [b]) => a - b);
    return this.#app.events.sql(async (client, record) => {
      const results = new Map<Post, Appended | DomainError>();
      await Promise.all(
        ofChannels.map(async ([, own]) => {
          const { channel } = own[0] as Post;
          const all = own.flatMap(({ messages }) => messages);
          const appended = await appendTo(client, record, channel, all);
          if (appended === undefined) this.#app.channels.refs.forget(channel.id);
          share(own, appended?.firstKey, results);
        }),
      );
      return posts.map((post) => results.get(post) ?? notFound('This channel'));
    });
  }
}

/** Adds messages to a channel and tells of it as one event. @returns undefined when the channel is no more */
export async function appendTo(
  client: PoolClient,
  record: Recorder,
  channel: ChannelRef,
  messages: NewChannelMessage[],
): Promise<Appended | undefined> {
  if (!channel.enabled) throw channelDisabled(channel);
  const appended = await appendMessages(client, channel.id, messages);
  if (appended !== undefined)
    record({
      topic: `channels/${channel.id}/messages`,
      operation: 'INSERTION',
      ownerId: channel.ownerId,
      payload: { ...appended, bytes: sumOfBytes(messages) },
    });
  return appended;
}

/** Says to each post which of the keys are its own. */
function share(posts: Post[], first: number | undefined, results: Map<Post, Appended | DomainError>): void {
  let firstKey = first;
  for (const post of posts) {
    if (firstKey === undefined) return;
    const count = post.messages.length;
    results.set(post, { firstKey, lastKey: firstKey + count - 1, count });
    firstKey += count;
  }
}

function byChannel(posts: Post[]): Map<number, Post[]> {
  const channels = new Map<number, Post[]>();
  for (const post of posts) {
    const own = channels.get(post.channel.id);
    if (own === undefined) channels.set(post.channel.id, [post]);
    else own.push(post);
  }
  return channels;
}

const weigh = ({ messages }: Post): number =>
  messages.length + Math.floor(sumOfBytes(messages) / BYTES_OF_ONE);

const channelDisabled = ({ name }: ChannelRef): DomainError =>
  new DomainError(
    'conflict',
    'channelDisabled',
    `The channel “${name}” is disabled: it takes no messages. Enable it in its settings.`,
  );
