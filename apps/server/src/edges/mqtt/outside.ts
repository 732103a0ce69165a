import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import { DomainError } from '#core/errors.js';
import type { Identity } from '#core/pki/authority.js';
import {
  type Broker,
  type BrokerEvents,
  type Delivered,
  MAX_PAYLOAD_BYTES,
  type MqttMessage,
  type PublishOptions,
} from './types.js';

interface OutsideOptions {
  url: string;
  /** The service's own client certificate, common name `polyrelay`. */
  identity: Identity;
  caPem: string;
  /** The same at every start of this replica, different in each. */
  instance: string;
  /** Filters of everything the service takes in. */
  filters: string[];
  events: BrokerEvents;
  log: Logger;
}

/** MQTT over TLS, where MQTT_URL names no port; published modules know no other. */
const STANDARD_PORT = 8883;

/**
 * An outside broker (Mosquitto, EMQX). The service is one of its clients; replicas share the messages through
 * `$share` subscriptions. The broker itself authenticates workers by certificate and keeps the topic rules
 * (docs/decisions/005-outside-broker.md).
 */
export class OutsideBroker implements Broker {
  readonly kind = 'outside';
  readonly #options: OutsideOptions;
  #client: MqttClient | undefined;
  #problem = 'not connected yet';

  constructor(options: OutsideOptions) {
    this.#options = options;
  }

  get port(): number {
    return Number(new URL(this.#options.url).port) || STANDARD_PORT;
  }

  /**
   * Begins to connect. A broker that is away does not hold the start up: the health page says what is missing, and
   * the connection is tried every second.
   */
  async start(): Promise<void> {
    const { url, log, filters } = this.#options;
    const client = connect(url, this.#clientOptions());
    this.#client = client;
    // Set before anything arrives: a session that outlived the last run delivers at once.
    client.handleMessage = (packet, done) => this.#take(packet, done);
    client.on('connect', () => {
      // Each time: a Mosquitto that was restarted gives the session back without its shared subscriptions.
      const shared = filters.map((filter) => [`$share/polyrelay/${filter}`, { qos: 1 }]);
      client.subscribe({ ...Object.fromEntries(shared), resubscribe: true }, (error) => {
        this.#problem = error?.message ?? '';
        if (error) log.error({ err: error }, 'the MQTT broker refused the subscriptions');
        else log.info(`connected to the MQTT broker at ${new URL(url).host}`);
      });
    });
    client.on('error', (error) => this.#broken(error.message));
    client.on('close', () => this.#broken('the connection is closed'));
    await firstTry(client);
  }

  #broken(problem: string): void {
    // Said once for each problem, not every second.
    if (problem !== this.#problem)
      this.#options.log.warn(`the MQTT broker (MQTT_URL): ${problem}; trying again every second`);
    this.#problem = problem;
  }

  /** Called before the acknowledgement, which waits for it. */
  #take(packet: IPublishPacket, done: (error?: Error) => void): void {
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    if (payload.length > MAX_PAYLOAD_BYTES) {
      this.#options.log.warn(
        { topic: packet.topic, bytes: payload.length },
        'a message is too large and was dropped',
      );
      done();
      return;
    }
    const message: MqttMessage = {
      topic: packet.topic,
      payload,
      qos: packet.qos,
      identity: null,
      otherConnections: 0,
    };
    this.#options.events.message(message).then(
      () => done(),
      (error: Error) => done(error),
    );
  }

  async stop(): Promise<void> {
    await this.#client?.endAsync();
  }

  async publish(topic: string, payload: string | Buffer, options: PublishOptions = {}): Promise<void> {
    if (!this.#client?.connected) {
      throw new DomainError(
        'unavailable',
        'brokerAway',
        'The MQTT broker cannot be reached at the moment. Try again in a few seconds.',
      );
    }
    const { qos = 1, retain = false, confirmed = false } = options;
    if (confirmed) {
      await this.#client.publishAsync(topic, payload, { qos, retain });
      return;
    }
    // Not waited for: the client handles one packet after the other, so the acknowledgement of a message that is sent
    // while another one is being taken comes after that. It keeps the message until then, over reconnections too.
    this.#client.publish(topic, payload, { qos, retain }, (error) => {
      if (error) this.#options.log.warn({ err: error, topic }, 'a message could not be published');
    });
  }

  /** Who is connected is the outside broker's knowledge: to reach a thing is to publish. */
  async deliver(): Promise<Delivered> {
    return 'absent';
  }

  granted(): undefined {}

  clients(): number {
    return 0;
  }

  identities(): [] {
    return [];
  }

  /** The outside broker keeps its connections; a deleted worker's messages are dropped, since nobody knows it. */
  disconnect(): void {}

  health(): { status: 'ok' | 'failing'; detail: string } {
    return this.#client?.connected
      ? { status: 'ok', detail: `connected to ${new URL(this.#options.url).host}` }
      : { status: 'failing', detail: `The MQTT broker (MQTT_URL) cannot be reached: ${this.#problem}` };
  }

  #clientOptions(): IClientOptions {
    const { url, identity, caPem, instance } = this.#options;
    const tls = /^(mqtts|wss):/.test(url)
      ? { key: identity.privateKey, cert: identity.certificate, ca: caPem }
      : {};
    // A session that outlives the connection: what workers publish at QoS 1 while the service restarts is kept.
    return { ...tls, clientId: `polyrelay-${instance}`, reconnectPeriod: 1000, clean: false };
  }
}

/** Waits for the first connection a little, so that a start with a broker that is there begins connected. */
const FIRST_TRY_MS = 3000;

function firstTry(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FIRST_TRY_MS);
    for (const event of ['connect', 'close'] as const) {
      client.once(event, () => {
        clearTimeout(timer);
        resolve();
      });
    }
  });
}
