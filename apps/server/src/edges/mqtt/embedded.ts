import type { Duplex } from 'node:stream';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { Aedes, type AedesPublishPacket, type Client, type PublishPacket } from 'aedes';
import type { Logger } from 'pino';
import { codeOf, DomainError, messageOf } from '#core/errors.js';
import { fingerprintOf, type Identity } from '#core/pki/authority.js';
import { grantedQos, Outbox, together } from './acknowledged.js';
import { limitPackets } from './packet-limit.js';
import {
  type Broker,
  type BrokerEvents,
  type Choose,
  type Delivered,
  type GrantedQos,
  MAX_PAYLOAD_BYTES,
  type MqttCredentials,
  type MqttIdentity,
  type PublishOptions,
} from './types.js';

/** A frozen subscriber stalls the others for this long, once (aedes' default is a minute). */
const DRAIN_MS = 4000;

/** Where refused messages go: nobody can subscribe to it. The publisher keeps its connection. */
const NOWHERE = '$refused';

const BAD_CREDENTIALS = 4;

/** What MQTT grants in place of a quality of service to a subscription that is refused. */
const REFUSED_QOS = 128;

interface EmbeddedOptions {
  host: string;
  port: number;
  server: Identity;
  caPem: string;
  events: BrokerEvents;
  log: Logger;
  /** For how long an acknowledgement is waited for; see `SILENT_MS`. */
  silentMs?: number;
}

/** aedes in this process: mutual TLS, and WebSocket connections that the HTTP server hands over. */
export class EmbeddedBroker implements Broker {
  readonly kind = 'embedded';
  readonly #options: EmbeddedOptions;
  readonly #identities = new WeakMap<Client, MqttIdentity>();
  readonly #connections = new Map<string, Set<Client>>();
  /** Known, and not ready yet. */
  readonly #connecting = new Map<string, Set<Client>>();
  readonly #outboxes = new WeakMap<Client, Outbox>();
  #aedes: Aedes | undefined;
  #server: Server | undefined;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
  }

  /** The port it listens on: the configured one, or the one the system gave for 0. */
  get port(): number {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : this.#options.port;
  }

  async start(): Promise<void> {
    this.#aedes = await Aedes.createBroker({
      drainTimeout: DRAIN_MS,
      connectTimeout: 15_000,
      maxClientsIdLength: 256,
      preConnect: (client, packet, done) => this.#preConnect(client, packet, done),
      authenticate: (client, _username, _password, done) => done(null, this.#identities.has(client)),
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.#maySubscribe(client, subscription.topic) ? subscription : null),
      authorizeForward: (client, packet) => this.#forward(client, packet),
    });
    this.#aedes.on('clientReady', (client) => this.#came(client));
    this.#aedes.on('clientDisconnect', (client) => this.#went(client));
    this.#aedes.on('subscribe', (subscriptions, client) => this.#subscribed(subscriptions, client));
    const { server, caPem } = this.#options;
    this.#server = createServer(
      {
        key: server.privateKey,
        cert: server.certificate,
        ca: caPem,
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: 'TLSv1.2',
        // Small messages at once: Nagle's algorithm and delayed acknowledgements add 40 ms to each.
        noDelay: true,
      },
      (socket) => this.handle(socket),
    );
    this.#server.on('tlsClientError', (error) =>
      this.#options.log.debug(`a TLS connection was refused: ${error.message}`),
    );
    await this.#listen();
  }

  async stop(): Promise<void> {
    const server = this.#server;
    const aedes = this.#aedes;
    if (aedes !== undefined) await new Promise<void>((closed) => aedes.close(() => closed()));
    if (server !== undefined) await new Promise<void>((closed) => server.close(() => closed()));
  }

  /** Serves one connection: a TLS socket, or a WebSocket as a stream. */
  handle(stream: Duplex): void {
    const client = this.#aedes?.handle(stream);
    if (client !== undefined) limitPackets(client);
  }

  publish(topic: string, payload: string | Buffer, options: PublishOptions = {}): Promise<void> {
    const aedes = this.#aedes;
    if (aedes === undefined)
      return Promise.reject(new DomainError('unavailable', 'brokerDown', 'The broker is not running.'));
    return new Promise((resolve, reject) => {
      aedes.publish(
        { cmd: 'publish', topic, payload, qos: options.qos ?? 1, retain: false, dup: false },
        (error) => (error ? reject(error) : resolve()),
      );
    });
  }

  async deliver(identity: Pick<MqttIdentity, 'kind' | 'id'>, choose: Choose): Promise<Delivered> {
    const outcomes: Promise<Delivered>[] = [];
    for (const client of this.#connections.get(keyOf(identity)) ?? []) {
      const chosen = choose((topic) => grantedQos(client, topic));
      if (chosen === undefined) continue;
      const { topic, payload } = chosen;
      outcomes.push(this.#outbox(client).send(topic, payload, grantedQos(client, topic) ?? 0));
    }
    return together(await Promise.all(outcomes));
  }

  granted(identity: Pick<MqttIdentity, 'kind' | 'id'>, topic: string): GrantedQos | undefined {
    const all = [...(this.#connections.get(keyOf(identity)) ?? [])].flatMap(
      (client) => grantedQos(client, topic) ?? [],
    );
    return all.length === 0 ? undefined : all.includes(1) ? 1 : 0;
  }

  #outbox(client: Client): Outbox {
    const outbox = this.#outboxes.get(client) ?? new Outbox(client, this.#options.silentMs);
    this.#outboxes.set(client, outbox);
    return outbox;
  }

  clients(): number {
    return this.#aedes?.connectedClients ?? 0;
  }

  disconnect(identity: Pick<MqttIdentity, 'kind' | 'id'>): void {
    const key = keyOf(identity);
    for (const connections of [this.#connecting, this.#connections])
      for (const client of connections.get(key) ?? []) client.close();
  }

  health(): { status: 'ok' | 'failing'; detail: string } {
    return this.#server?.listening
      ? { status: 'ok', detail: `${this.clients()} clients on port ${this.port}` }
      : { status: 'failing', detail: 'The broker does not listen. See the log.' };
  }

  #listen(): Promise<void> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server?.once('error', (cause) => {
        const message =
          codeOf(cause) === 'EADDRINUSE'
            ? `Port ${port} (MQTT) is taken by another program. End it, or set MQTT_PORT to a free port.`
            : `The broker cannot listen on ${host}:${port}: ${messageOf(cause)}`;
        reject(new DomainError('unavailable', 'portTaken', message, { cause }));
      });
      this.#server?.listen(port, host, resolve);
    });
  }

  /** Finds out who it is before aedes registers the client id, and puts the identity in front of it. */
  #preConnect(
    client: Client,
    packet: { clientId?: string; clean?: boolean; username?: string; password?: Buffer | string },
    done: (error: Error | null, success: boolean) => void,
  ): void {
    const credentials: MqttCredentials = certificateOf(client.conn as Partial<TLSSocket>);
    if (packet.username !== undefined) credentials.username = packet.username;
    if (packet.password !== undefined) credentials.password = packet.password.toString();
    this.#options.events.authenticate(credentials).then(
      (identity) => {
        if (identity !== undefined) {
          this.#identities.set(client, identity);
          add(this.#connecting, keyOf(identity), client);
          client.conn.once('close', () => remove(this.#connecting, keyOf(identity), client));
          packet.clientId = `${keyOf(identity)}:${packet.clientId ?? ''}`;
          // No session outlives its connection: nothing is queued without bound for a client that stays away.
          packet.clean = true;
          done(null, true);
        } else {
          // Let authenticate() refuse it, which answers with a return code.
          done(null, true);
        }
      },
      (error: unknown) => {
        this.#options.log.warn({ err: error }, 'an MQTT client could not be authenticated');
        done(
          Object.assign(new Error('authentication is not possible now'), { returnCode: BAD_CREDENTIALS }),
          false,
        );
      },
    );
  }

  #authorizePublish(
    client: Client | null,
    packet: PublishPacket,
    done: (error?: Error | null) => void,
  ): void {
    if (client === null) {
      done(null);
      return;
    }
    const identity = this.#identities.get(client);
    if (identity === undefined) {
      done(new Error('not authenticated'));
      return;
    }
    const { topic } = packet;
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    // A retained message would reach clients that come later, and stay in memory.
    packet.retain = false;
    const refusal = !identity.mayPublish(topic)
      ? `may not publish on ${topic}`
      : payload.length > MAX_PAYLOAD_BYTES
        ? `sent ${payload.length} bytes on ${topic}; at most ${MAX_PAYLOAD_BYTES} are taken`
        : undefined;
    if (refusal !== undefined) {
      this.#options.events.refused(identity, refusal);
      packet.topic = NOWHERE;
      packet.payload = '';
      done(null);
      return;
    }
    const connections = this.#connections.get(keyOf(identity));
    const otherConnections = (connections?.size ?? 0) - (connections?.has(client) ? 1 : 0);
    this.#options.events.message({ topic, payload, qos: packet.qos, identity, otherConnections }).then(
      () => done(null),
      (error: Error) => done(error),
    );
  }

  #maySubscribe(client: Client, filter: string): boolean {
    const identity = this.#identities.get(client);
    if (identity === undefined) return false;
    const allowed = identity.maySubscribe(filter);
    if (!allowed) this.#options.events.refused(identity, `may not subscribe to ${filter}`);
    return allowed;
  }

  #subscribed(subscriptions: { topic: string; qos: number }[], client: Client): void {
    const identity = this.#identities.get(client);
    if (identity === undefined) return;
    for (const { topic, qos } of subscriptions)
      if (qos !== REFUSED_QOS) this.#options.events.subscribed(identity, topic);
  }

  /** What is delivered is checked again: `$SYS` and refused topics reach nobody. */
  #forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    return !packet.topic.startsWith('$') && this.#identities.has(client) ? packet : null;
  }

  #came(client: Client): void {
    const identity = this.#identities.get(client);
    if (identity === undefined) return;
    const key = keyOf(identity);
    remove(this.#connecting, key, client);
    if (add(this.#connections, key, client) === 1) this.#options.events.came(identity);
  }

  #went(client: Client): void {
    const identity = this.#identities.get(client);
    if (identity === undefined) return;
    if (remove(this.#connections, keyOf(identity), client) === 0) this.#options.events.gone(identity);
  }
}

const keyOf = (identity: Pick<MqttIdentity, 'kind' | 'id'>): string => `${identity.kind}/${identity.id}`;

type Clients = Map<string, Set<Client>>;

/** @returns how many there are now */
function add(to: Clients, key: string, client: Client): number {
  const clients = to.get(key) ?? new Set();
  to.set(key, clients.add(client));
  return clients.size;
}

/** @returns how many are left */
function remove(from: Clients, key: string, client: Client): number {
  const clients = from.get(key);
  clients?.delete(client);
  if (clients?.size === 0) from.delete(key);
  return clients?.size ?? 0;
}

/** The client certificate the TLS layer verified; nothing of it on other streams. */
function certificateOf(stream: Partial<TLSSocket>): MqttCredentials {
  if (stream.authorized !== true) return {};
  const certificate = stream.getPeerCertificate?.();
  const name = certificate?.subject?.CN;
  return {
    ...(typeof name === 'string' ? { certificateName: name } : {}),
    ...(certificate?.fingerprint256 === undefined
      ? {}
      : { certificateFingerprint: fingerprintOf(certificate) }),
  };
}
