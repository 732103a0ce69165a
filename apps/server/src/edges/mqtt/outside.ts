import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import { DomainError, messageOf } from '#core/errors.js';
import type { Identity } from '#core/pki/authority.js';
import { type Broker, type BrokerEvents, MAX_PAYLOAD_BYTES, type PublishOptions } from './types.js';

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

  async start(): Promise<void> {
    const { url, log } = this.#options;
    this.#client = await connectAsync(url, this.#clientOptions(), true).catch((cause: unknown) => {
      const address = new URL(url).host;
      throw new DomainError(
        'unavailable',
        'brokerAway',
        `The MQTT broker at ${address} (MQTT_URL) refuses: ${messageOf(cause)}`,
        { cause },
      );
    });
    this.#problem = '';
    this.#client.on('connect', () => {
      this.#problem = '';
      log.info('connected to the MQTT broker');
    });
    this.#client.on('close', () => {
      this.#problem = 'The connection is broken; trying again every second.';
    });
    this.#client.on('error', (error) => {
      this.#problem = error.message;
      log.warn(`the MQTT broker: ${error.message}`);
    });
    // Called before the acknowledgement, which waits for it.
    this.#client.handleMessage = (packet, done) => {
      const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
      if (payload.length > MAX_PAYLOAD_BYTES) {
        log.warn({ topic: packet.topic, bytes: payload.length }, 'a message is too large and was dropped');
        return done();
      }
      this.#options.events
        .message({ topic: packet.topic, payload, qos: packet.qos, identity: null, otherConnections: 0 })
        .then(
          () => done(),
          (error: Error) => done(error),
        );
    };
    await this.#client.subscribeAsync(
      this.#options.filters.map((filter) => `$share/polyrelay/${filter}`),
      { qos: 1 },
    );
  }

  async stop(): Promise<void> {
    await this.#client?.endAsync();
  }

  async publish(topic: string, payload: string | Buffer, options: PublishOptions = {}): Promise<void> {
    if (this.#client === undefined)
      throw new DomainError('unavailable', 'brokerDown', 'The MQTT broker cannot be reached.');
    await this.#client.publishAsync(topic, payload, { qos: options.qos ?? 1 });
  }

  clients(): number {
    return 0;
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
