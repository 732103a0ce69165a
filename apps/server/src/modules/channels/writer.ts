import type { Appended } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { BatchQueue } from '#core/batch-queue.js';
import { DomainError, notFound } from '#core/errors.js';
import type { FactStatement } from '#core/events/log.js';
import { type Addition, appendAll, appendedFrom, appendStatement } from './append.js';
import type { ChannelRef } from './refs.js';
import { type NewChannelMessage, sumOfBytes } from './store.js';

/** What one caller adds to one channel. */
type Post = Addition;

/** Messages of one transaction at the most; a long one counts as several. */
const MAX_BATCH = 5000;
const BYTES_OF_ONE = 2048;

/**
 * While the database works on one batch, the other queue takes in the next. Channels of one queue do not wait for each
 * other: they share its batches. More transactions at once gain nothing, because the log of events is written by one
 * after the other, up to the disk.
 */
const QUEUES = 2;

/** Adds messages to channels: what comes for them at the same time shares a transaction, and each caller's stay together. */
export class AppendWriter {
  readonly #app: FastifyInstance;
  readonly #statement: FactStatement;
  readonly #queues: BatchQueue<Post, Appended | DomainError>[];

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#statement = appendStatement(app.events);
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

  /** In one statement, channels in the order of their ids. */
  async #write(posts: Post[]): Promise<(Appended | DomainError)[]> {
    const ofChannels = [...byChannel(posts)].sort(([a], [b]) => a - b);
    const additions = ofChannels.map(([, own]) => ({
      channel: (own[0] as Post).channel,
      messages: own.length === 1 ? (own[0] as Post).messages : own.flatMap(({ messages }) => messages),
    }));
    const nextKeys = new Map(await appendAll(this.#app.events, this.#statement, additions));
    return posts.map(({ channel, messages }) => {
      const firstKey = nextKeys.get(channel.id);
      if (firstKey === undefined) return this.#gone(channel);
      const appended = appendedFrom(firstKey, messages.length);
      nextKeys.set(channel.id, appended.lastKey + 1);
      return appended;
    });
  }

  #gone({ id }: ChannelRef): DomainError {
    this.#app.channels.refs.forget(id);
    return notFound('This channel');
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

export const channelDisabled = ({ name }: ChannelRef): DomainError =>
  new DomainError(
    'conflict',
    'channelDisabled',
    `The channel “${name}” is disabled: it takes no messages. Enable it in its settings.`,
  );
