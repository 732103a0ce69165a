import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Aedes, type AedesPublishPacket, type Client, type PublishPacket } from 'aedes';
import { DomainError } from '#core/errors.js';
import type { Identity } from '#core/pki/authority.js';
import { together } from './acknowledged.js';
import { type ConnectPacket, credentialsOf, isCertified } from './credentials.js';
import { type DoorOptions, Doors } from './doors.js';
import { Identities, keyOf, keyOfClientId } from './identities.js';
import { limitPackets } from './packet-limit.js';
import {
  type Broker,
  type BrokerEvents,
  type Choose,
  type Delivered,
  type GrantedQos,
  MAX_PAYLOAD_BYTES,
  type MqttIdentity,
  type MqttParty,
  type PublishOptions,
} from './types.js';

/** A frozen subscriber stalls the others for this long, once (aedes' default is a minute). */
const DRAIN_MS = 4000;

/** Where refused messages go: nobody can subscribe to it. The publisher keeps its connection. */
const NOWHERE = '$refused';

const BAD_CREDENTIALS = 4;

/** What MQTT grants in place of a quality of service to a subscription that is refused. */
const REFUSED_QOS = 128;

/** The newest that aedes speaks; a client of MQTT 5 is told so, and may come again with this. */
const MQTT_3_1_1 = 4;

/** Connections without a certificate that have not signed in; more are turned away. Those of workers are not counted. */
const MAX_STRANGERS = 1000;

interface EmbeddedOptions extends DoorOptions {
  events: BrokerEvents;
  /** For how long an acknowledgement is waited for; see `SILENT_MS`. */
  silentMs?: number;
}

/** aedes in this process: TLS, and WebSocket connections that the HTTP server hands over. */
export class EmbeddedBroker implements Broker {
  readonly kind = 'embedded';
  readonly #options: EmbeddedOptions;
  readonly #identities = new Identities();
  readonly #strangers = new Set<Client>();
  readonly #doors: Doors;
  #aedes: Aedes | undefined;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
    this.#doors = new Doors(options, (stream) => this.handle(stream));
  }

  get port(): number {
    return this.#doors.port;
  }

  /** Of unencrypted connections; undefined: none. */
  get plainPort(): number | undefined {
    return this.#doors.plainPort;
  }

  async start(): Promise<void> {
    this.#aedes = await Aedes.createBroker({
      drainTimeout: DRAIN_MS,
      connectTimeout: 15_000,
      maxClientsIdLength: 256,
      preConnect: (client, packet, done) => this.#preConnect(client, packet, done),
      authenticate: (client, _username, _password, done) =>
        done(null, this.#identities.of(client) !== undefined),
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) =>
        this.#authorizeSubscribe(client, subscription.topic).then(
          (allowed) => done(null, allowed ? subscription : null),
          (error: Error) => done(error),
        ),
      authorizeForward: (client, packet) => this.#forward(client, packet),
    });
    const { events } = this.#options;
    this.#aedes.on('clientReady', (client) => this.#came(client));
    this.#aedes.on('clientDisconnect', (client) => this.#went(client));
    this.#aedes.on('subscribe', (subscriptions, client) => {
      const connection = this.#identities.connectionOf(client);
      if (connection === undefined) return;
      for (const { topic, qos } of subscriptions)
        if ((qos as number) !== REFUSED_QOS) events.subscribed(connection, topic);
    });
    this.#aedes.on('unsubscribe', (filters, client) => {
      const connection = this.#identities.connectionOf(client);
      if (connection === undefined || client.closed) return;
      for (const filter of filters) events.unsubscribed(connection, filter);
    });
    await this.#doors.start();
  }

  async stop(): Promise<void> {
    const aedes = this.#aedes;
    if (aedes !== undefined) await new Promise<void>((closed) => aedes.close(() => closed()));
    // Nobody else would end them: they are no clients yet.
    for (const client of this.#strangers) client.conn.destroy();
    await this.#doors.stop();
  }

  /** Shows another certificate to who connects from now on. */
  renew(server: Identity): void {
    this.#doors.renew(server);
  }

  /** Serves one connection: a socket, or a WebSocket as a stream. */
  handle(stream: Duplex): void {
    const certified = isCertified(stream);
    if (!certified && this.#strangers.size >= MAX_STRANGERS) {
      stream.destroy();
      return;
    }
    const client = this.#aedes?.handle(stream);
    if (client === undefined) return;
    limitPackets(client);
    if (certified) return;
    this.#strangers.add(client);
    stream.once('close', () => this.#strangers.delete(client));
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
    for (const connection of this.#identities.connections(identity)) {
      const chosen = choose((topic) => connection.granted(topic));
      if (chosen === undefined) continue;
      const { topic, payload } = chosen;
      const qos = connection.granted(topic) ?? 0;
      outcomes.push(connection.outbox(this.#options.silentMs).send(topic, payload, { qos }));
    }
    return together(await Promise.all(outcomes));
  }

  granted(identity: Pick<MqttIdentity, 'kind' | 'id'>, topic: string): GrantedQos | undefined {
    const all = this.#identities
      .connections(identity)
      .flatMap((connection) => connection.granted(topic) ?? []);
    return all.length === 0 ? undefined : all.includes(1) ? 1 : 0;
  }

  clients(): number {
    return this.#aedes?.connectedClients ?? 0;
  }

  disconnect(party: MqttParty): void {
    for (const client of this.#identities.clientsOf(party)) client.close();
  }

  identities(): Iterable<MqttIdentity> {
    return this.#identities.all();
  }

  health(): { status: 'ok' | 'failing'; detail: string } {
    return this.#doors.open
      ? { status: 'ok', detail: `${this.clients()} clients on port ${this.port}` }
      : { status: 'failing', detail: 'The broker does not listen. See the log.' };
  }

  /** Finds out who it is before aedes registers the client id, and puts the identity in front of it. */
  #preConnect(
    client: Client,
    packet: ConnectPacket,
    done: (error: Error | null, success: boolean) => void,
  ): void {
    // aedes refuses it, with the return code that lets a client of MQTT 5 fall back.
    if ((packet.protocolVersion ?? 0) > MQTT_3_1_1) {
      done(null, true);
      return;
    }
    this.#options.events.authenticate(credentialsOf(client.conn, packet)).then(
      (identity) => {
        // Nobody: `authenticate` refuses it, which answers with a return code.
        if (identity !== undefined) this.#signedIn(client, packet, identity);
        done(null, true);
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

  #signedIn(client: Client, packet: ConnectPacket, identity: MqttIdentity): void {
    const clientId = packet.clientId ?? '';
    const lasting = packet.clean === false && clientId !== '';
    this.#identities.signedIn(client, identity, { clientId, lasting });
    // Who sends none gets one (mosquitto_sub does not): with the same one each would throw out the other.
    packet.clientId = `${keyOf(identity)}:${clientId || randomUUID()}`;
    // No session of aedes outlives its connection: nothing is queued without bound for a client that stays away.
    packet.clean = true;
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
    const identity = this.#identities.of(client);
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
    const otherConnections = this.#identities.others(client, identity);
    this.#options.events.message({ topic, payload, qos: packet.qos, identity, otherConnections }).then(
      () => done(null),
      (error: Error) => done(error),
    );
  }

  async #authorizeSubscribe(client: Client, filter: string): Promise<boolean> {
    const connection = this.#identities.connectionOf(client);
    if (connection === undefined) return false;
    const { identity } = connection;
    if (!identity.maySubscribe(filter)) {
      this.#options.events.refused(identity, `may not subscribe to ${filter}`);
      return false;
    }
    await this.#options.events.subscribing(connection, filter);
    return true;
  }

  /**
   * What is delivered is checked again: `$SYS` and refused topics reach nobody, and what a person's client published
   * reaches that person's clients alone: two people's equal topics never mix.
   */
  #forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const identity = this.#identities.of(client);
    if (identity === undefined || packet.topic.startsWith('$')) return null;
    const { clientId } = packet as { clientId?: string };
    const publisher = clientId === undefined ? undefined : keyOfClientId(clientId);
    return publisher?.startsWith('user/') && publisher !== keyOf(identity) ? null : packet;
  }

  #came(client: Client): void {
    this.#strangers.delete(client);
    const identity = this.#identities.of(client);
    if (identity === undefined) return;
    if (this.#identities.came(client, identity) === 1) this.#options.events.came(identity);
  }

  #went(client: Client): void {
    const connection = this.#identities.connectionOf(client);
    if (connection === undefined) return;
    const { identity } = connection;
    this.#options.events.closed(connection);
    if (this.#identities.went(client, identity) === 0) this.#options.events.gone(identity);
  }
}
