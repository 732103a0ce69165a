import { randomBytes } from 'node:crypto';
import { reasonOf } from '@polyrelay/essentials';
import { connect, type ErrorWithReasonCode, type IConnackPacket, type MqttClient } from 'mqtt';
import pLimit from 'p-limit';
import { type BatchContext, Handler, type HandlerContext, PermanentError } from '../handler.js';
import { type ChannelMessage, jsonOf } from '../message.js';
import { brokerName, brokerUrl, MqttOptions, tlsFiles } from './mqtt-options.js';

interface Connection {
  client: MqttClient;
  window: number;
  /** Rejects when the connection is over: nothing more is acknowledged on it. */
  over: Promise<never>;
}

type Version = 4 | 5;

/** Answers of a broker (3.1.1 and 5) that stay the same: client id, user name and password, not allowed. */
const REFUSALS = new Set([2, 4, 5, 0x85, 0x86, 0x87, 0x8a]);
/** “Unacceptable protocol version”. */
const OTHER_VERSION = new Set([1, 0x84]);
const MAX_TOPIC_BYTES = 65535;

/** Publishes each message as JSON with QoS 1; a batch is done when the broker has acknowledged every message. */
export class MqttHandler extends Handler<MqttOptions> {
  static readonly options = MqttOptions;
  static readonly summary = 'publishes each message as JSON, QoS 1, with mutual TLS (AWS IoT and others)';

  readonly #clientId = this.options.clientId ?? `receiver-${randomBytes(8).toString('hex')}`;
  #connection: Connection | undefined;
  /** MQTT 5 says when a publish is refused; brokers without it are spoken to in 3.1.1. */
  #version: Version = 5;

  override async start({ signal }: HandlerContext): Promise<void> {
    await this.#open(signal);
  }

  async handle(messages: readonly ChannelMessage[], { signal }: BatchContext): Promise<void> {
    const topics = messages.map(({ ident }) => this.#topicOf(ident));
    const connection = await this.#open(signal);
    const close = (): void => this.#close(connection);
    signal.addEventListener('abort', close);
    if (signal.aborted) close();
    try {
      await Promise.race([publishAll(connection, messages, topics), connection.over]);
    } catch (error) {
      // What is still on its way is not for the next attempt to wait for.
      close();
      throw error;
    } finally {
      signal.removeEventListener('abort', close);
    }
  }

  override async stop(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection?.client.connected) await connection.client.endAsync();
    else connection?.client.end(true);
  }

  #topicOf(ident: string): string {
    const topic = this.options.topic.replaceAll('{ident}', () => ident);
    const wrong = /[+#/\0]/.test(ident)
      ? 'an ident is one level of a topic, without + # and /'
      : topic.startsWith('$') && !this.options.topic.startsWith('$')
        ? 'topics that begin with $ are the broker’s own. Set a topic such as things/{ident}'
        : Buffer.byteLength(topic) > MAX_TOPIC_BYTES
          ? 'it is too long'
          : ident === ''
            ? 'it is empty'
            : undefined;
    if (wrong === undefined) return topic;
    throw new PermanentError(`the ident “${ident.slice(0, 100)}” makes no topic: ${wrong}`);
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted();
    this.#connection ??= await this.#connect(signal);
    return this.#connection;
  }

  #close(connection: Connection): void {
    if (this.#connection === connection) this.#connection = undefined;
    connection.client.end(true);
  }

  async #connect(signal: AbortSignal): Promise<Connection> {
    const { username, password, connectTimeout, window } = this.options;
    const client = connect(brokerUrl(this.options), {
      ...(await tlsFiles(this.options)),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      clientId: this.#clientId,
      protocolVersion: this.#version,
      clean: true,
      connectTimeout: connectTimeout * 1000,
      keepalive: 30,
      // A broken batch is given to the handler again as a whole: nothing is to be taken up on its own.
      reconnectPeriod: 0,
      resubscribe: false,
    });
    try {
      const { properties } = await connected(client, signal);
      const connection = {
        client,
        window: Math.min(window, properties?.receiveMaximum ?? window),
        over: ended(client),
      };
      client.once('close', () => this.#close(connection));
      return connection;
    } catch (error) {
      client.end(true);
      return this.#refused(error, signal);
    }
  }

  #refused(error: unknown, signal: AbortSignal): Promise<Connection> {
    const code =
      typeof error === 'object' && error !== null ? (error as ErrorWithReasonCode).code : undefined;
    if (this.#version === 5 && OTHER_VERSION.has(code as number)) {
      this.#version = 4;
      return this.#connect(signal);
    }
    const text = `${brokerName(this.options)}: ${reasonOf(error)}`;
    throw REFUSALS.has(code as number) ? new PermanentError(text) : new Error(text);
  }
}

function connected(client: MqttClient, signal: AbortSignal): Promise<IConnackPacket> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener('abort', aborted);
    client.once('connect', resolve);
    // Later ones are followed by “close”.
    client.on('error', reject);
    client.once('close', () => {
      signal.removeEventListener('abort', aborted);
      reject(new Error('the broker closed the connection'));
    });
    client.once('connect', () => signal.removeEventListener('abort', aborted));
  });
}

function ended(client: MqttClient): Promise<never> {
  const over = new Promise<never>((_, reject) => {
    client.once('error', reject);
    client.once('disconnect', ({ reasonCode }) =>
      reject(new Error(`the broker ended the connection (reason ${reasonCode ?? 0})`)),
    );
    client.once('close', () => reject(new Error('the connection to the broker broke')));
  });
  // It is looked at only while a batch is under way.
  over.catch(() => undefined);
  return over;
}

async function publishAll(
  { client, window }: Connection,
  messages: readonly ChannelMessage[],
  topics: readonly string[],
): Promise<void> {
  const limit = pLimit(window);
  const publish = async (message: ChannelMessage, topic: string): Promise<void> => {
    try {
      await client.publishAsync(topic, jsonOf(message), { qos: 1 });
    } catch (error) {
      limit.clearQueue();
      throw new Error(`${topic}: ${reasonOf(error)}`);
    }
  };
  await Promise.all(messages.map((message, index) => limit(publish, message, topics[index] ?? '')));
}
