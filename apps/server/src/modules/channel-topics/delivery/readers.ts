import { channelFilter, channelOfEvent } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { isDatabaseAway } from '#core/database/database.js';
import type { RecordedEvent } from '#core/events/types.js';
import type { Connection, ConnectionListener } from '#edges/mqtt/index.js';
import { forgetOld } from './cursors.js';
import { ConnectionReader } from './reader.js';

const FORGET_OLD_MS = 3_600_000;

/** Sends messages of channels to the connections that subscribed to them; does nothing while there is none. */
export class Readers implements ConnectionListener {
  readonly #app: FastifyInstance;
  readonly #byConnection = new Map<Connection, ConnectionReader>();
  /** By the user, who owns the channels. */
  readonly #byUser = new Map<string, Set<ConnectionReader>>();
  readonly #forgettingOld: NodeJS.Timeout;

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.events.on('channels/+/messages', (event) => {
      if (event.operation === 'INSERTION')
        for (const reader of this.#of(event)) reader.wake(channelOfEvent(event));
    });
    app.events.on('channels/+', (event) => this.#changed(event));
    this.#forgettingOld = setInterval(
      () => this.#try(() => forgetOld(app.database.pool)),
      FORGET_OLD_MS,
    ).unref();
  }

  async subscribing(connection: Connection, filter: string): Promise<void> {
    const wanted = channelFilter(filter);
    if (wanted?.kind !== 'message' || connection.identity.kind !== 'user' || connection.closed) return;
    await this.#readerOf(connection).prepare(wanted.id);
  }

  subscribed(connection: Connection, filter: string): void {
    if (channelFilter(filter)?.kind === 'message') this.#byConnection.get(connection)?.subscribed();
  }

  unsubscribed(connection: Connection, filter: string): void {
    const reader = this.#byConnection.get(connection);
    if (channelFilter(filter)?.kind === 'message') this.#try(async () => reader?.unsubscribed());
  }

  closed(connection: Connection): void {
    const reader = this.#byConnection.get(connection);
    if (reader === undefined) return;
    this.#byConnection.delete(connection);
    const { id } = connection.identity;
    this.#byUser.get(id)?.delete(reader);
    if (this.#byUser.get(id)?.size === 0) this.#byUser.delete(id);
    void reader.stop();
  }

  async stop(): Promise<void> {
    clearInterval(this.#forgettingOld);
    await Promise.all([...this.#byConnection.values()].map((reader) => reader.stop()));
  }

  #changed(event: RecordedEvent): void {
    for (const reader of this.#of(event)) {
      if (event.operation === 'DELETION') reader.drop(channelOfEvent(event));
      if (event.operation === 'INSERTION') this.#try(() => reader.made(channelOfEvent(event)));
    }
  }

  #of({ ownerId }: RecordedEvent): Iterable<ConnectionReader> {
    return this.#byUser.get(ownerId ?? '') ?? [];
  }

  #readerOf(connection: Connection): ConnectionReader {
    const { id } = connection.identity;
    const reader = this.#byConnection.get(connection) ?? new ConnectionReader(this.#app, connection);
    this.#byConnection.set(connection, reader);
    this.#byUser.set(id, (this.#byUser.get(id) ?? new Set()).add(reader));
    return reader;
  }

  #try(work: () => Promise<unknown>): void {
    this.#app.mqtt.untilCommitted(work).catch((error: unknown) => {
      if (!isDatabaseAway(error)) this.#app.log.error({ err: error }, 'an MQTT session could not be changed');
    });
  }
}
