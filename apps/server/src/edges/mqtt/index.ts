import { setTimeout as delay } from 'node:timers/promises';
import { topicMatches } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { databaseAway, isDatabaseAway } from '#core/database/database.js';
import { writeBrokerCertificate } from './broker-certificate.js';
import { EmbeddedBroker } from './embedded.js';
import { OutsideBroker } from './outside.js';
import type {
  Broker,
  BrokerEvents,
  Choose,
  Connection,
  Delivered,
  GrantedQos,
  MqttAuthenticator,
  MqttIdentity,
  MqttMessage,
  MqttParty,
  PublishOptions,
} from './types.js';

export type {
  Choose,
  Connection,
  Delivered,
  GrantedQos,
  MqttAuthenticator,
  MqttCredentials,
  MqttIdentity,
  MqttMessage,
} from './types.js';

/** While the database is away a message is held back, unacknowledged, and tried again this often. */
const RETRY_MS = 250;

type Handler = (message: MqttMessage) => Promise<void>;

/** Follows what single connections hear (embedded broker). */
export interface ConnectionListener {
  /** Before a subscription is acknowledged, which waits for this. */
  subscribing?(connection: Connection, filter: string): Promise<void>;
  /** A subscription stands. */
  subscribed(connection: Connection, filter: string): void;
  unsubscribed(connection: Connection, filter: string): void;
  closed(connection: Connection): void;
}

/** The MQTT edge as modules see it: they register what they take, and publish. */
export class Mqtt {
  readonly #routes: { filter: string; handler: Handler }[] = [];
  readonly #authenticators: MqttAuthenticator[] = [];
  readonly #messageListeners: ((message: MqttMessage) => void)[] = [];
  readonly #cameListeners: ((identity: MqttIdentity) => void)[] = [];
  readonly #goneListeners: ((identity: MqttIdentity) => void)[] = [];
  readonly #refusedListeners: ((identity: MqttIdentity, what: string) => void)[] = [];
  readonly #subscribedListeners: ((identity: MqttIdentity, filter: string) => void)[] = [];
  readonly #connectionListeners: ConnectionListener[] = [];
  #userMessages: Handler | undefined;
  #broker: Broker | undefined;
  #stopping = false;

  /** Takes messages whose topic matches `filter`. Before the broker starts. */
  on(filter: string, handler: Handler): void {
    this.#routes.push({ filter, handler });
  }

  /** Adds a kind of credentials. Before the broker starts. */
  authenticator(authenticate: MqttAuthenticator): void {
    this.#authenticators.push(authenticate);
  }

  /** Hears of every message that may be published, beside who takes it. */
  onMessage(listener: (message: MqttMessage) => void): void {
    this.#messageListeners.push(listener);
  }

  /** Hears when the first connection of an identity stands (embedded broker). */
  onCame(listener: (identity: MqttIdentity) => void): void {
    this.#cameListeners.push(listener);
  }

  /** Hears when the last connection of an identity is gone (embedded broker). */
  onGone(listener: (identity: MqttIdentity) => void): void {
    this.#goneListeners.push(listener);
  }

  /** Hears of what an identity tried and may not do. */
  onRefused(listener: (identity: MqttIdentity, what: string) => void): void {
    this.#refusedListeners.push(listener);
  }

  /** Hears of subscriptions that stand (embedded broker). */
  onSubscribed(listener: (identity: MqttIdentity, filter: string) => void): void {
    this.#subscribedListeners.push(listener);
  }

  /** Follows subscriptions of each connection (embedded broker). */
  onConnections(listener: ConnectionListener): void {
    this.#connectionListeners.push(listener);
  }

  /** Takes what people's own clients publish on topics that nobody else takes (embedded broker). */
  onUserMessage(handler: Handler): void {
    this.#userMessages = handler;
  }

  /** Publishes; resolves when the broker has it. */
  publish(topic: string, payload: string | Buffer, options?: PublishOptions): Promise<void> {
    if (this.#broker === undefined) throw new Error('published before the broker was started');
    return this.#broker.publish(topic, payload, options);
  }

  /**
   * Sends a message to every connection of an identity that wants it, at the quality of service it subscribed.
   * Messages of one identity arrive in the order of the calls (embedded broker).
   */
  deliver(identity: Pick<MqttIdentity, 'kind' | 'id'>, choose: Choose): Promise<Delivered> {
    return this.#broker?.deliver(identity, choose) ?? Promise.resolve('absent');
  }

  /** With which quality of service an identity hears a topic; undefined: not at all (embedded broker). */
  granted(identity: Pick<MqttIdentity, 'kind' | 'id'>, topic: string): GrantedQos | undefined {
    return this.#broker?.granted(identity, topic);
  }

  /** Ends every connection of an identity (with one credential), also one that is being made. */
  disconnect(party: MqttParty): void {
    this.#broker?.disconnect(party);
  }

  get broker(): Broker | undefined {
    return this.#broker;
  }

  get filters(): string[] {
    return this.#routes.map((route) => route.filter);
  }

  async start(broker: Broker): Promise<void> {
    await broker.start();
    this.#broker = broker;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#broker?.stop();
  }

  /** Does `work`, and again while the database is away. @throws databaseAway when the service stops meanwhile */
  async untilCommitted<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        if (this.#stopping) throw databaseAway(error);
      }
      await delay(RETRY_MS);
    }
  }

  #handlerOf({ topic, identity }: MqttMessage): Handler | undefined {
    const route = this.#routes.find(({ filter }) => topicMatches(filter, topic));
    return route?.handler ?? (identity?.kind === 'user' ? this.#userMessages : undefined);
  }

  /** What the broker calls. */
  readonly events: BrokerEvents = {
    authenticate: async (credentials) => {
      for (const authenticate of this.#authenticators) {
        const identity = await authenticate(credentials);
        if (identity !== undefined) return identity;
      }
      return undefined;
    },
    message: async (message) => {
      for (const listener of this.#messageListeners) listener(message);
      const handler = this.#handlerOf(message);
      if (handler !== undefined) await this.untilCommitted(() => handler(message));
    },
    refused: (identity, what) => {
      for (const listener of this.#refusedListeners) listener(identity, what);
    },
    subscribing: async (connection, filter) => {
      for (const listener of this.#connectionListeners)
        await this.untilCommitted(async () => listener.subscribing?.(connection, filter));
    },
    subscribed: (connection, filter) => {
      for (const listener of this.#subscribedListeners) listener(connection.identity, filter);
      for (const listener of this.#connectionListeners) listener.subscribed(connection, filter);
    },
    unsubscribed: (connection, filter) => {
      for (const listener of this.#connectionListeners) listener.unsubscribed(connection, filter);
    },
    closed: (connection) => {
      for (const listener of this.#connectionListeners) listener.closed(connection);
    },
    came: (identity) => {
      for (const listener of this.#cameListeners) listener(identity);
    },
    gone: (identity) => {
      for (const listener of this.#goneListeners) listener(identity);
    },
  };
}

declare module 'fastify' {
  interface FastifyInstance {
    mqtt: Mqtt;
  }
}

/** Decorates `app.mqtt`; starts the broker when all modules have registered, before HTTP listens. */
export const mqtt = fp(
  async (app: FastifyInstance) => {
    const edge = new Mqtt();
    app.decorate('mqtt', edge);
    app.addHook('onReady', async () => edge.start(await makeBroker(app, edge)));
    // After the modules' own preClose hooks: workers are told to stop through the broker.
    app.addHook('onClose', () => edge.stop());
  },
  { name: 'mqtt', dependencies: ['core'] },
);

async function makeBroker(app: FastifyInstance, edge: Mqtt): Promise<Broker> {
  const { config, authority } = app;
  if (config.mqtt.url !== undefined) {
    await writeBrokerCertificate(config.dataDir, authority, app.endpoints.brokerHosts);
    const identity = await authority.issueClient('polyrelay');
    return new OutsideBroker({
      url: config.mqtt.url,
      identity,
      caPem: authority.caPem,
      instance: app.instanceId,
      filters: edge.filters,
      events: edge.events,
      log: app.logger,
    });
  }
  const broker = new EmbeddedBroker({
    host: config.host,
    port: config.mqtt.port,
    plainPort: config.mqtt.plainPort,
    server: app.certificate.identity,
    caPem: authority.caPem,
    events: edge.events,
    log: app.logger,
  });
  app.certificate.onRenewed((identity) => broker.renew(identity));
  return broker;
}
