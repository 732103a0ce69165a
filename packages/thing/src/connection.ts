import { EventEmitter } from 'node:events';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { Backoff } from '@polyrelay/essentials';
import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt';
import type { ThingConfig } from './config.js';
import type { Credentials } from './credentials.js';
import { ThingError } from './errors.js';
import { explain } from './explain.js';

/** Stores a message. Only when it resolves is the message acknowledged. */
export type OnPublish = (topic: string, payload: Buffer) => Promise<void>;

interface ConnectionEvents {
  up: [];
  /** It is lost, or could not be made; it is tried again. */
  down: [reason: string];
}

const ANSWER_MS = 30_000;

/** So long a connection must have stood to count as recovered. */
const STABLE_MS = 10_000;

const NOT_LET_IN =
  'Was the thing disabled or deleted, or were its keys rotated? Look at its page; after a rotation, take the files of a new distribution.';

/** MQTT over mutual TLS, as the thing (FlashLex section 3). Connects again by itself. */
export class Connection extends EventEmitter<ConnectionEvents> {
  readonly #client: MqttClient;
  readonly #topics: string[];
  readonly #backoff = new Backoff();
  readonly #where: string;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #upSince: number | undefined;
  #reason: string | undefined;

  constructor(config: ThingConfig, credentials: Credentials, topics: string[], onPublish: OnPublish) {
    super();
    const { host, port } = config.mqtt;
    this.#where = `${host}:${port}`;
    this.#topics = topics;
    const secure = {
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ca: credentials.ca,
      cert: credentials.certificate,
      key: credentials.key,
    };
    const open = (): TLSSocket => {
      const socket = connect(secure);
      // mqtt.js keeps to itself why a stream ended after the handshake: TLS 1.3 refuses a certificate only then.
      socket.on('error', (error) => {
        this.#reason ??= this.#explain(error);
      });
      return socket;
    };
    this.#client = new mqtt.MqttClient(open, {
      protocolVersion: 4,
      clientId: config.name,
      // Other servers keep messages only for a session; this service keeps them by itself.
      clean: !config.plain,
      resubscribe: false,
      reconnectPeriod: 0,
      connectTimeout: ANSWER_MS,
      keepalive: 30,
      manualConnect: true,
    });
    this.#client.handleMessage = (packet, done) => this.#onPacket(packet as IPublishPacket, onPublish, done);
    this.#client.on('connect', () => void this.#onConnect());
    this.#client.on('error', (error) => {
      this.#reason = this.#explain(error);
    });
    this.#client.on('close', () => this.#onClose());
    this.#client.connect();
  }

  get connected(): boolean {
    return this.#upSince !== undefined;
  }

  /** Publishes with QoS 1. @throws ThingError `CONNECTION` when it is not acknowledged in time */
  async publish(topic: string, payload: unknown): Promise<void> {
    const timeout = new Promise<never>((_, reject) => {
      setTimeout(
        () =>
          reject(new ThingError('CONNECTION', `${this.#where} did not acknowledge a publish on ${topic}`)),
        ANSWER_MS,
      ).unref();
    });
    await Promise.race([this.#client.publishAsync(topic, JSON.stringify(payload), { qos: 1 }), timeout]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#client.endAsync(!this.connected);
  }

  async #onConnect(): Promise<void> {
    try {
      const granted =
        this.#topics.length === 0 ? [] : await this.#client.subscribeAsync(this.#topics, { qos: 1 });
      const refused = granted.filter(({ qos }) => qos >= 128);
      if (refused.length > 0)
        throw new ThingError(
          'CONNECTION',
          `${this.#where} does not let this thing hear ${refused.map(({ topic }) => topic).join(', ')}`,
        );
      this.#upSince = performance.now();
      this.#reason = undefined;
      this.emit('up');
    } catch (error) {
      this.#reason ??= this.#explain(error);
      this.#client.stream.destroy();
    }
  }

  #onClose(): void {
    const wasUp = this.#upSince;
    if (wasUp !== undefined && performance.now() - wasUp >= STABLE_MS) this.#backoff.reset();
    this.#upSince = undefined;
    if (this.#closed) return;
    // Many brokers refuse a certificate without a word, as Node.js’ TLS does.
    const silent = wasUp === undefined ? 'closed the connection at once' : 'closed the connection';
    const advice = wasUp === undefined ? NOT_LET_IN : 'Does another program use this thing’s name?';
    this.emit('down', this.#reason ?? `${this.#where} ${silent}. ${advice}`);
    this.#reason = undefined;
    this.#timer = setTimeout(() => this.#client.reconnect(), this.#backoff.next());
  }

  #onPacket(packet: IPublishPacket, onPublish: OnPublish, done: (error?: Error) => void): void {
    onPublish(packet.topic, packet.payload as Buffer).then(
      () => done(),
      (error: unknown) => {
        // Not stored, so not acknowledged: the service sends it again over the next connection.
        this.#reason = `A message could not be stored: ${String(error)}`;
        this.#client.stream.destroy();
      },
    );
  }

  #explain(error: unknown): string {
    if (error instanceof ThingError) return error.message;
    const { code } = error as { code?: unknown };
    // CONNACK: 2 identifier rejected, 4 and 5 not authorised.
    if (code === 2 || code === 4 || code === 5) return `${this.#where} refused this thing. ${NOT_LET_IN}`;
    return explain(error, this.#where);
  }
}
