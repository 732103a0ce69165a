import { EventEmitter } from 'node:events';
import { isIP, Socket } from 'node:net';
import type { NodeServerRecord, WorkerMessage } from '@polyrelay/contract';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { Backoff } from './backoff.js';
import type { Connection } from './connection.js';
import { NodeServerError, reasonOf, stopped } from './errors.js';
import type { Logger } from './log.js';
import { isPermanent, permanentReason } from './refusals.js';

interface WireEvents {
  message: [WorkerMessage];
  /** The subscription stands; `again` after an interruption. */
  up: [again: boolean];
  down: [];
}

/** The service takes messages up to 1 MiB and closes the connection on larger ones. */
const MAX_MESSAGE = 1024 * 1024;

/**
 * The MQTT connection (PGC sections 2.6, 3): QoS 1 both ways, so a publish that was not acknowledged
 * is sent again after a reconnection; last will `connected: false`.
 */
export class Wire extends EventEmitter<WireEvents> {
  readonly #connection: Connection;
  readonly #log: Logger;
  readonly #backoff: Backoff;
  readonly #unacknowledged = new Set<Promise<void>>();
  #client: MqttClient | undefined;
  #up = false;
  #closing = false;
  /** Ends the waiting of `connect`. */
  #abort: (reason: unknown) => void = () => {};

  constructor(connection: Connection, log: Logger, backoff = new Backoff()) {
    super();
    this.#connection = connection;
    this.#log = log;
    this.#backoff = backoff;
  }

  get connected(): boolean {
    return this.#up;
  }

  /** The worker's own topic, where everything for it arrives. */
  get ownTopic(): string {
    return `${this.#connection.stage}/ns/${this.#connection.record.worker}`;
  }

  /** Resolves when connected and subscribed. Waits for a service that is down, rejects when it is turned away. */
  async connect(): Promise<void> {
    const { host, port } = this.#connection;
    const client = this.#open();
    this.#client = client;
    let before = false;
    let told: unknown;
    const connected = new Promise<void>((resolve, reject) => {
      this.#abort = reject;
      this.once('up', () => resolve());
    });
    client.on('connect', () => {
      sendAtOnce(client);
      this.#subscribe(client).then(
        () => {
          this.#log.info(`Connected to ${host}:${port}`);
          this.#up = true;
          this.#backoff.connected();
          this.emit('up', before);
          before = true;
        },
        (error: unknown) => {
          this.#log.error(reasonOf(error));
          if (!before && error instanceof NodeServerError) this.#abort(error);
        },
      );
    });
    client.on('error', (error) => {
      // Told twice when the handshake fails: by the socket and by the client.
      if (told !== error) this.#log.warning(`Connection to ${host}:${port}: ${reasonOf(error)}`);
      told = error;
      if (before || !isPermanent(error)) return;
      this.#abort(
        new NodeServerError('CONNECTION_REFUSED', permanentReason(error, host, port), { cause: error }),
      );
    });
    // Before the client's own listener, which starts the waiting time.
    client.prependListener('close', () => {
      client.options.reconnectPeriod = this.#backoff.next();
      const wordless = told === undefined && !this.#closing;
      told = undefined;
      if (this.#up) {
        this.#up = false;
        this.#log.warning('Connection lost; trying again');
        this.emit('down');
      } else if (wordless) {
        // How TLS 1.3 turns a client certificate away, seen from the client.
        const advice = 'is the node server still registered, and its certificate the newest?';
        this.#log.warning(`${host}:${port} closed the connection before it was accepted: ${advice}`);
      }
    });
    client.on('message', (_topic, payload) => this.#receive(payload));
    await connected;
  }

  /** Publishes command keys in the worker's envelope; `to` is `ns` or `isy`. Resolves when acknowledged. */
  send(keys: Record<string, unknown>, to: 'ns' | 'isy' = 'ns'): Promise<void> {
    const { stage, record } = this.#connection;
    return this.#track(`${stage}/${to}`, JSON.stringify({ ...keys, ...envelope(record, this.ownTopic) }));
  }

  /** One line of the log, or the whole of it compressed (PGC section 3). */
  publishLog(payload: string | Buffer, part: 'line' | 'file'): Promise<void> {
    const { stage, record } = this.#connection;
    const topic = `${stage}/frontend/${record.userId}/logs/${record.worker}`;
    return this.#track(part === 'file' ? `${topic}/file` : topic, payload);
  }

  #track(topic: string, payload: string | Buffer): Promise<void> {
    const size = Buffer.byteLength(payload);
    if (size > MAX_MESSAGE) {
      const problem = `A message of ${size} bytes is more than the service takes (${MAX_MESSAGE})`;
      return rejected(new NodeServerError('MESSAGE_TOO_LARGE', `${problem}: send less at once`));
    }
    const acknowledged = this.#publish(topic, payload);
    this.#unacknowledged.add(acknowledged);
    const forget = () => this.#unacknowledged.delete(acknowledged);
    acknowledged.then(forget, forget);
    return acknowledged;
  }

  /** Resolves when everything published so far was acknowledged. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#unacknowledged);
  }

  /** Says goodbye with DISCONNECT, so that the last will is not published. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#up = false;
    this.#abort(stopped());
    await this.#client?.endAsync(!this.#client.connected);
  }

  #open(): MqttClient {
    try {
      return mqtt.connect(this.#options());
    } catch (cause) {
      // OpenSSL reads the certificates before anything is sent.
      const problem = `The certificates cannot be used (${reasonOf(cause)})`;
      throw new NodeServerError(
        'CERTIFICATES_UNREADABLE',
        `${problem}: start again with a fresh PGURL answer`,
        { cause },
      );
    }
  }

  async #publish(topic: string, payload: string | Buffer): Promise<void> {
    for (;;) {
      const client = this.#client;
      if (!client || this.#closing) throw new NodeServerError('STOPPED', 'The node server is not connected');
      try {
        await client.publishAsync(topic, payload, { qos: 1 });
        return;
      } catch (error) {
        // The client gives up what was handed over while it repeated older messages; nothing else does.
        if (this.#closing || !/connection closed/i.test(reasonOf(error))) throw error;
      }
    }
  }

  async #subscribe(client: MqttClient): Promise<void> {
    try {
      await client.subscribeAsync(this.ownTopic, { qos: 1 });
    } catch (cause) {
      // With a packet it is the broker's answer; without one the connection broke and the next one asks again.
      if ((cause as { packet?: unknown }).packet === undefined) throw cause;
      const problem = `The broker does not let this worker read ${this.ownTopic}`;
      throw new NodeServerError('SUBSCRIBE_REFUSED', problem, { cause });
    }
  }

  #receive(payload: Buffer): void {
    if (payload.length === 0) return;
    let message: unknown;
    try {
      message = JSON.parse(payload.toString('utf8'));
    } catch (error) {
      this.#log.warning(`A message from the service is not JSON: ${reasonOf(error)}`);
      return;
    }
    if (typeof message === 'object' && message !== null) this.emit('message', message as WorkerMessage);
  }

  #options(): IClientOptions {
    const { record, host, port, serverName, ca, cert, key, stage } = this.#connection;
    const goodbye = { connected: false, ...envelope(record, this.ownTopic) };
    return {
      protocol: 'mqtts',
      host,
      port,
      ca,
      cert,
      key,
      // SNI carries names only; an address is checked against the certificate's IP entries by Node itself.
      ...(isIP(serverName) ? {} : { servername: serverName }),
      rejectUnauthorized: true,
      protocolVersion: 4,
      clientId: `${record.worker}_${record.profileNum}_${record.userId}`,
      // A broker that kept messages for us would deliver an old `stop` to the next run.
      clean: true,
      resubscribe: false,
      keepalive: 30,
      connectTimeout: 15_000,
      reconnectPeriod: 1_000,
      reconnectOnConnackError: true,
      will: { topic: `${stage}/ns`, payload: Buffer.from(JSON.stringify(goodbye)), qos: 1, retain: false },
    };
  }
}

/** Part of every message from a worker (PGC section 4). */
const envelope = ({ userId, profileNum, id }: NodeServerRecord, topic: string) => ({
  userId,
  topic,
  profileNum,
  id,
});

/** Nagle’s algorithm would hold a small message until the other side’s delayed ACK, 40 ms. */
const sendAtOnce = (client: MqttClient): void => {
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
};

const rejected = (error: Error): Promise<void> => {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
};
