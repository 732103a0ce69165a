import { allows, channelFilter, channelTopics, topicMatches } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { isDatabaseAway } from '#core/database/database.js';
import type { Connection, ConnectionListener } from '#edges/mqtt/index.js';
import { StateChanges } from './changes.js';
import { readStates, STATE_FIELDS } from './fields.js';

/** Tells connections of the embedded broker the states of their channels: at once when they subscribe, then changes. */
export class EmbeddedStates implements ConnectionListener {
  readonly #app: FastifyInstance;
  readonly #byUser = new Map<string, Set<Connection>>();
  readonly #changes: StateChanges;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#changes = new StateChanges(app, {
      localOnly: false,
      wanted: (ownerId) => this.#byUser.has(ownerId),
      tell: ({ id, ownerId, field, value }) => {
        for (const connection of this.#byUser.get(ownerId) ?? [])
          send(connection, id, channelTopics.state(id, field), value, false);
      },
    });
  }

  subscribed(connection: Connection, filter: string): void {
    const wanted = channelFilter(filter);
    const { kind, id: ownerId } = connection.identity;
    if (wanted?.kind !== 'state' || kind !== 'user' || connection.closed) return;
    this.#byUser.set(ownerId, (this.#byUser.get(ownerId) ?? new Set()).add(connection));
    const read = { ownerId, id: wanted.id === 'all' ? null : wanted.id };
    this.#app.mqtt
      .untilCommitted(() => readStates(this.#app.database.pool, read))
      .then(
        (found) => {
          for (const { id, state } of found)
            for (const field of STATE_FIELDS) {
              const topic = channelTopics.state(id, field);
              if (topicMatches(filter, topic))
                send(connection, id, topic, JSON.stringify(state[field]), true);
            }
        },
        (error: unknown) => {
          if (!isDatabaseAway(error))
            this.#app.log.error({ err: error }, 'the states of channels could not be told');
        },
      );
  }

  unsubscribed(connection: Connection): void {
    if (!connection.filters().some((filter) => channelFilter(filter)?.kind === 'state'))
      this.closed(connection);
  }

  closed(connection: Connection): void {
    const { id } = connection.identity;
    this.#byUser.get(id)?.delete(connection);
    if (this.#byUser.get(id)?.size === 0) this.#byUser.delete(id);
  }

  stop(): void {
    this.#changes.stop();
  }
}

function send(connection: Connection, id: number, topic: string, value: string, retain: boolean): void {
  const { access } = connection.identity;
  const qos = connection.granted(topic);
  if (qos === undefined || access === undefined || connection.closed) return;
  if (allows(access, { uri: 'gw/channels/messages', method: 'GET', id }))
    void connection.send(topic, value, { qos, retain });
}
