import type { Appended, ChannelRequest } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import { DomainError, notFound } from '#core/errors.js';
import type { Recorder } from '#core/events/types.js';
import { owns, type Principal } from '#core/principal.js';
import { createChannel } from './commands/create.js';
import { type ChannelRef, ChannelRefs } from './refs.js';
import { appendMessages, type NewChannelMessage, sumOfBytes } from './store.js';

/** Channels as other modules see them. */
export class ChannelsPort {
  readonly #app: FastifyInstance;
  readonly refs: ChannelRefs;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.refs = new ChannelRefs(app);
  }

  /** A channel that the caller may see and change. @throws notFound, for what is somebody else’s too */
  async require(principal: Principal, id: number): Promise<ChannelRef> {
    const ref = await this.refs.byId(id);
    if (ref === undefined || !owns(principal, ref.ownerId)) throw notFound('This channel');
    return ref;
  }

  create(principal: Principal, request: ChannelRequest): Promise<ChannelRef> {
    return createChannel(this.#app, principal, request);
  }

  /**
   * Adds messages, all or none of them. Resolves when they are committed.
   * @throws notFound, conflict `channelDisabled`
   */
  async append(channel: ChannelRef, messages: NewChannelMessage[]): Promise<Appended> {
    return this.#app.events.sql(async (client, record) => this.appendWith(client, record, channel, messages));
  }

  /**
   * The same in a transaction of the caller, whose `record` it is. A transaction with several channels takes them in
   * the order of their ids.
   */
  async appendWith(
    client: PoolClient,
    record: Recorder,
    channel: ChannelRef,
    messages: NewChannelMessage[],
  ): Promise<Appended> {
    if (!channel.enabled) throw channelDisabled(channel);
    const appended = await appendMessages(client, channel.id, messages);
    if (appended === undefined) throw notFound('This channel');
    record({
      topic: `channels/${channel.id}/messages`,
      operation: 'INSERTION',
      ownerId: channel.ownerId,
      payload: { ...appended, bytes: sumOfBytes(messages) },
    });
    return appended;
  }
}

const channelDisabled = ({ name }: ChannelRef): DomainError =>
  new DomainError(
    'conflict',
    'channelDisabled',
    `The channel “${name}” is disabled: it takes no messages. Enable it in its settings.`,
  );
